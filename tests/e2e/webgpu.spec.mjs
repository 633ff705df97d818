import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternPng, upload, zip } from './files.mjs'
import { start, visit } from './site.mjs'

// Batches of 4 from 4 training images: an epoch is a step, so the loss after k epochs is the loss of step k. Nothing is
// drawn at random but what the seed fixes on both devices.
const STEPS = 5
const STILL = {
  'input-size': 32, 'batch-size': 4, schedule: 'constant', 'warmup-epochs': 0, dropout: 0,
  flip: 0, rotation: 0, scale: 0, shift: 0, brightness: 0, contrast: 0, erasing: 0, seed: 3,
}

function fewImages() {
  const files = {}
  for (const [split, count] of [['train', 2], ['valid', 1], ['test', 1]]) {
    for (const [label, expression] of ['happy', 'sad'].entries()) {
      for (let i = 0; i < count; i++) files[`${split}/${expression}/${split}${i}.png`] = patternPng(32, 10 * label + i)
    }
  }
  return upload('few.zip', zip(files))
}

async function losses(site, device) {
  const visitor = await visit(site, { device })
  await visitor.until('engine-status', device === 'webgpu' ? /^ready.*WebGPU/i : /^ready.*CPU/i, 120)
  assert.match(await visitor.importFiles(fewImages()), /^done/)
  assert.equal(await visitor.number('dataset-samples'), 8)
  const found = []
  for (let epochs = 1; epochs <= STEPS; epochs++) {
    await visitor.startTraining({ ...STILL, epochs })
    await visitor.until('train-epoch', new RegExp(`^${epochs}\\s*/\\s*${epochs}`), 300)
    // The first step compiles its kernels, and a software adapter takes its time over them.
    await visitor.until('train-status', /^finished/, 300)
    found.push(await visitor.number('train-loss'))
  }
  return found
}

test('the first steps on WebGPU (software adapter) are those on the CPU', async (t) => {
  const site = await start(t, { webgpu: true })
  const cpu = await losses(site, 'cpu')
  const webgpu = await losses(site, 'webgpu')
  t.diagnostic(`CPU ${cpu.join(' ')}; WebGPU ${webgpu.join(' ')}`)
  assert.ok(new Set(cpu).size > 1, 'the loss moves')
  for (const [step, loss] of cpu.entries()) {
    assert.ok(Math.abs(webgpu[step] - loss) <= 1e-3 * Math.abs(loss), `step ${step + 1}: ${loss} and ${webgpu[step]}`)
  }
})
