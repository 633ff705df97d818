import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createRequire } from 'node:module'
import { fortyFaces } from './files.mjs'
import { start, visit } from './site.mjs'

const ort = createRequire(import.meta.url)('onnxruntime-web')
const SETTINGS = { epochs: 1, 'warmup-epochs': 0, 'batch-size': 8, 'input-size': 48, seed: 1 }

async function trained(site) {
  const visitor = await visit(site)
  assert.match(await visitor.importFiles(fortyFaces()), /^done/)
  await visitor.startTraining(SETTINGS)
  await visitor.until('train-status', /^finished/, 120)
  return visitor
}

/** The gray pixels of one of `fortyFaces()`, as CustomCNN gets them: -1..1, three times. */
function normalised(name) {
  const [, expression, number] = name.match(/(happy|sad)\/(\d+)\.png$/)
  const seed = 100 * (expression === 'sad' ? 1 : 0) + Number(number)
  const shade = (x, y) => Math.trunc(128 + 100 * Math.sin((x * (1 + (seed % 5)) + y * (1 + (seed % 3)) + seed) / 5))
  const channel = Float32Array.from({ length: 48 * 48 }, (_, i) => (shade(i % 48, Math.floor(i / 48)) / 255 - 0.5) / 0.5)
  return new Float32Array([...channel, ...channel, ...channel])
}

test('ONNX Runtime says what the page says', async (t) => {
  const visitor = await trained(await start(t))
  await visitor.evaluate()
  const predictions = (await visitor.download('download-predictions')).bytes.toString().trim().split(/\r?\n/)
  await visitor.go('#/models')
  const { name, path } = await visitor.download('download-onnx')
  assert.equal(name, 'customcnn-1.onnx')
  const session = await ort.InferenceSession.create(readFileSync(path), { executionProviders: ['wasm'] })
  const header = predictions[0].split(',')
  for (const line of predictions.slice(1)) {
    const row = Object.fromEntries(line.split(',').map((cell, place) => [header[place], cell]))
    const images = new ort.Tensor('float32', normalised(row.sample), [1, 3, 48, 48])
    const said = await session.run({ images })
    const expected = header.filter((column) => column.startsWith('probability_')).map((column) => Number(row[column]))
    assert.equal(expected.length, 2)
    expected.forEach((share, place) => assert.ok(Math.abs(share - said.probabilities.data[place]) < 1e-4, line))
  }
})

test('a model is renamed, copied, looked into; its name is kept', async (t) => {
  const site = await start(t)
  const visitor = await trained(site)
  await visitor.go('#/models')
  await visitor.at('rename-model').click()
  await visitor.at('model-name').fill('Tuesday')
  await visitor.at('model-name').press('Enter')
  await visitor.page.getByRole('heading', { name: 'Tuesday' }).waitFor()

  await visitor.at('copy-model').click()
  await visitor.page.getByRole('heading', { name: 'Tuesday copy' }).waitFor()
  await visitor.until('nav-models', /2 models/)

  await visitor.at('model-layers').first().locator('summary').click()
  const rows = visitor.at('model-layers').first().locator('tbody tr')
  await rows.first().waitFor()
  assert.match(await rows.nth(1).innerText(), /backbone\.stem\.conv\s+3 x 3 convolution, stride 2, batch normalisation, ReLU\s+32 x 24 x 24/)
  assert.match(await visitor.at('model-layers').first().innerText(), /2\d\d,\d\d\d parameters, a file of .* kB; \d+ million/)

  await visitor.page.goto('about:blank')
  await visitor.page.goto(`${site.url}?device=cpu#/models`)
  await visitor.until('nav-models', /2 models/)
  assert.deepEqual(await visitor.page.locator('.models-list h3').allInnerTexts().then((all) => all.slice(0, 2)), ['Tuesday copy', 'Tuesday'])
})

test('pre-trained weights are listed, fetched, kept and deleted', async (t) => {
  const site = await start(t)
  const visitor = await visit(site, { route: '#/models' })
  await visitor.until('weights-vgg16', /not fetched/)
  await visitor.until('weights-resnet50', /not fetched/)
  await visitor.at('fetch-efficientnet-b0').click()
  await visitor.until('weights-efficientnet-b0', /in this browser/)
  await visitor.page.reload()
  await visitor.until('weights-efficientnet-b0', /in this browser/)
  await visitor.at('delete-weights').click()
  await visitor.at('delete-weights').click()
  await visitor.until('weights-efficientnet-b0', /not fetched/)
})

test('what a training costs is said before it begins, and what cannot fit is refused', async (t) => {
  const visitor = await visit(await start(t))
  assert.match(await visitor.importFiles(fortyFaces()), /^done/)
  await visitor.go('#/train?model=custom-cnn&epochs=5&batch-size=8&input-size=48')
  const said = await visitor.until('train-costs', /Trains/, 30)
  assert.match(said, /^Trains 2\d\d,\d\d\d parameters; \d+ million multiplications an image; about \d+ MB of memory\. Every planned epoch together: about .* s/)
  t.diagnostic(said)

  await visitor.go('#/train?model=vgg16&batch-size=64&input-size=224')
  assert.match(await visitor.until('train-costs', /needs/, 30), /^VGG16 needs about .* GB of memory with batches of 64 at 224 pixels, and there are 3\.2 GB: a batch of \d+ fits\.$/)
  await visitor.at('train-start').click()
  await visitor.page.waitForFunction(() => /^failed: VGG16 needs about/.test(
    document.querySelector('[data-testid="train-status"]').textContent))

  await visitor.startTraining({ ...SETTINGS, model: 'custom-cnn' })
  await visitor.until('train-status', /^finished/, 120)
})

test('the device is measured network by network, and that can be cancelled', async (t) => {
  const visitor = await visit(await start(t), { route: '#/models' })
  const rows = () => visitor.at('speeds').locator('tbody tr').allInnerTexts()
  await visitor.at('speed-run').click()
  await visitor.until('speed-status', /^measuring VGG16/, 60)
  const [first, ...others] = await rows()
  assert.deepEqual(others, [], 'each is told as it was measured')
  assert.match(first, /^CustomCNN(\s+[\d.]+){4}$/)
  await visitor.page.getByRole('button', { name: 'Cancel' }).click()
  await visitor.until('speed-status', /^idle$/, 60)
  assert.equal((await rows()).length, 1, 'what was measured stays')

  await visitor.at('speed-run').click()
  await visitor.until('speed-status', /^done$/, 300)
  const names = (await rows()).map((row) => row.split(/\s/)[0])
  assert.deepEqual(names, ['CustomCNN', 'VGG16', 'ResNet50', 'EfficientNetB0'])
  t.diagnostic((await rows()).join('\n'))
})
