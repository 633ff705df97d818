// What ONNX Runtime makes of the files that `cargo test` left (`tests/models_graph.rs`): the same as Mien, to 1e-4.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ort = createRequire(new URL('../e2e/', import.meta.url))('onnxruntime-web')
const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../target', import.meta.url))
const folder = join(target, 'tmp', 'onnx')
const names = readdirSync(folder).filter((name) => name.endsWith('.onnx'))

test('there is a file of every architecture', () => assert.equal(names.length, 6))

for (const name of names) {
  test(name, async () => {
    const { shape, images, expected } = JSON.parse(readFileSync(join(folder, name.replace(/onnx$/, 'json')), 'utf8'))
    const session = await ort.InferenceSession.create(readFileSync(join(folder, name)), { executionProviders: ['wasm'] })
    const given = await session.run({ images: new ort.Tensor('float32', Float32Array.from(images), shape) })
    for (const [output, values] of Object.entries(expected)) {
      assert.equal(given[output].data.length, values.length)
      const apart = Math.max(...values.map((value, index) => Math.abs(value - given[output].data[index])))
      // Probabilities may be 0 and 1 to the last digit; logits are not.
      assert.ok(apart <= 1e-4 * Math.max(1, ...values.map(Math.abs)), `${output} is ${apart} apart`)
    }
    assert.deepEqual(given.logits.dims, [shape[0], 8])
  })
}
