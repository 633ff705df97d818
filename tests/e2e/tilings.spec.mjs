import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternPng, upload, zip } from './files.mjs'
import { start, visit } from './site.mjs'

const PLAN = { model: 'custom-cnn', 'input-size': 32, 'batch-size': 4, epochs: 1, seed: 1 }

/** What is remembered of the GPU; `change`, where given, is made to it first. */
async function remembered(visitor, change) {
  return visitor.page.evaluate(async (change) => {
    const shelf = await (await navigator.storage.getDirectory()).getDirectoryHandle('gpus')
    const file = await shelf.getFileHandle('manifest.json')
    const manifest = JSON.parse(await (await file.getFile()).text())
    if (!change) return manifest
    Object.assign(manifest.contents[0], change)
    const writer = await file.createWritable()
    await writer.write(JSON.stringify(manifest))
    await writer.close()
    return manifest
  }, change)
}

/** Has a plan's costs told, which waits until it is known what the GPU is fastest with. */
async function costs(visitor) {
  await visitor.until('engine-status', /^ready.*WebGPU/i, 120)
  await visitor.go(`#/train?${new URLSearchParams(PLAN)}`)
  await visitor.until('train-costs', /as measured here/, 300)
}

test('which tilings a GPU is fastest with is found out once; one that takes the engine with it twice is left alone', async (t) => {
  const site = await start(t, { webgpu: true })
  const visitor = await visit(site, { device: 'webgpu' })
  await visitor.until('engine-status', /^ready/, 120)
  const files = { 'happy/a.png': patternPng(32, 1), 'happy/b.png': patternPng(32, 2), 'sad/a.png': patternPng(32, 3), 'sad/b.png': patternPng(32, 4) }
  assert.match(await visitor.importFiles(upload('few.zip', zip(files))), /^done/)
  await costs(visitor)
  const first = await remembered(visitor)
  const [gpu] = first.contents
  t.diagnostic(JSON.stringify(gpu))
  assert.match(gpu.adapter, /\w/)
  assert.ok(gpu.speeds.length > 0 && gpu.speeds.every(([, , speed]) => speed > 0))
  assert.deepEqual([gpu.never, gpu.trying], [[], null], 'every one computes the same')

  // The engine ended while it tried one, and not for the first time.
  const deadly = ['Convolution', 'Workgroup']
  await remembered(visitor, { speeds: [], trying: deadly, ended: [deadly] })
  await visitor.page.reload()
  await costs(visitor)
  const [later] = (await remembered(visitor)).contents
  t.diagnostic(JSON.stringify(later))
  assert.deepEqual([later.trying, later.never], [null, [deadly]])
  assert.ok(later.speeds.length > 0, 'others are tried')
  assert.ok(later.speeds.every(([work, tiling]) => `${work}, ${tiling}` !== deadly.join(', ')), 'it is not')
})
