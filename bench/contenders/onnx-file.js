// As much of an ONNX file as Mien writes: operators, weights and outputs. Field numbers are those of `onnx.proto`.

const text = (bytes) => new TextDecoder().decode(bytes);

/** `bytes` as { operators, weights, outputs }; what the file does not say is absent. */
export function read(bytes) {
  const [graph] = message(bytes)[7];
  const { 1: operators, 5: weights, 12: outputs } = message(graph);
  return {
    operators: operators.map(operator),
    weights: new Map(weights.map(tensor)),
    outputs: outputs.map((output) => text(message(output)[1][0])),
  };
}

function operator(bytes) {
  const { 1: inputs, 2: [output], 4: [kind], 5: attributes = [] } = message(bytes);
  return { kind: text(kind), inputs: inputs.map(text), output: text(output), ...Object.fromEntries(attributes.map(attribute)) };
}

/** [name, number or numbers] */
function attribute(bytes) {
  const { 1: [name], 2: float, 3: integer, 8: integers } = message(bytes);
  return [text(name), (float ?? integer)?.[0] ?? integers];
}

/** [name, { shape, values }]; `values` only of 32-bit floating-point numbers. */
function tensor(bytes) {
  const { 1: shape, 2: [type], 8: [name], 9: [raw] } = message(bytes);
  // A copy, because numbers must lie at multiples of four.
  return [text(name), { shape, values: type === 1 ? new Float32Array(raw.slice().buffer) : null }];
}

/** A message's values by the number of their field, in the file's order. */
function message(bytes) {
  const fields = {};
  let place = 0;
  // Nothing Mien writes is negative, or above 2^53.
  const varint = () => {
    let value = 0;
    for (let worth = 1; ; worth *= 128) {
      const byte = bytes[place];
      place += 1;
      value += (byte & 127) * worth;
      if (byte < 128) return value;
    }
  };
  const take = (length) => {
    place += length;
    return bytes.subarray(place - length, place);
  };
  const float = () => {
    const { buffer, byteOffset } = take(4);
    return new DataView(buffer, byteOffset).getFloat32(0, true);
  };
  const kinds = { 0: varint, 2: () => take(varint()), 5: float };
  while (place < bytes.length) {
    const key = varint();
    (fields[Math.floor(key / 8)] ??= []).push(kinds[key % 8]());
  }
  return fields;
}
