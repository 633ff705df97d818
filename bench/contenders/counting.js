// What a contender asks of WebGPU, counted where all of them meet it: at the browser's own functions.

const counts = { dispatches: 0, submits: 0, up: 0, down: 0, pipelines: 0 };

/** Counts what was asked since the last time. */
export function counted() {
  const since = { ...counts };
  for (const name of Object.keys(counts)) counts[name] = 0;
  return since;
}

let idle = false;

/** Runs it without the GPU's work: it takes what library and browser take to ask for it, and what it reads is nothing. */
export async function withIdleGpu(run) {
  idle = true;
  try {
    return await run();
  } finally {
    idle = false;
  }
}

const submit = globalThis.GPUQueue?.prototype.submit;
if (submit) {
  GPUQueue.prototype.submit = function (commands) {
    submit.call(this, idle ? [] : commands);
  };
}

/** Has `count` hear of every call of a function, with `this` and what it is given. */
function hear(kind, name, count) {
  const whole = globalThis[kind]?.prototype;
  const own = whole?.[name];
  if (!own) return;
  whole[name] = function (...given) {
    count(this, ...given);
    return own.apply(this, given);
  };
}

const one = (name) => () => (counts[name] += 1);
hear("GPUComputePassEncoder", "dispatchWorkgroups", one("dispatches"));
hear("GPUComputePassEncoder", "dispatchWorkgroupsIndirect", one("dispatches"));
hear("GPUQueue", "submit", one("submits"));
for (const name of ["createComputePipeline", "createComputePipelineAsync"]) hear("GPUDevice", name, one("pipelines"));
// A size is given in elements of a view, or in bytes.
const bytesOf = (data, from = 0, size) => (size ?? (data.length ?? data.byteLength) - from) * (data.BYTES_PER_ELEMENT ?? 1);
hear("GPUQueue", "writeBuffer", (_, _buffer, _offset, data, from, size) => (counts.up += bytesOf(data, from, size)));
hear("GPUBuffer", "mapAsync", (buffer, mode, from = 0, size) => {
  counts[mode & GPUMapMode.WRITE ? "up" : "down"] += size ?? buffer.size - from;
});
hear("GPUDevice", "createBuffer", (_, { size, mappedAtCreation }) => {
  if (mappedAtCreation) counts.up += size;
});
