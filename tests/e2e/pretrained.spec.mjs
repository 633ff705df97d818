import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { start, visit } from './site.mjs'

const FILE = fileURLToPath(new URL('../../dist/weights/efficientnet-b0.safetensors', import.meta.url))
const PLAN = {
  model: 'efficientnet-b0', weights: 'imagenet', trainable: 'head', 'input-size': 64, epochs: 3, seed: 1, 'batch-size': 32,
}

test('a pre-trained network is fetched once from the site, and its head learns', async (t) => {
  if (!existsSync(FILE)) return t.skip('there is no dist/weights: `make weights` makes it where the packages can be had')
  const visitor = await visit(await start(t))
  await visitor.importSample()
  for (const run of [1, 2]) {
    const begun = Date.now()
    await visitor.startTraining({ ...PLAN, seed: run })
    await visitor.until('train-status', /^(preparing|running)/, 60)
    await visitor.until('train-status', /^finished/, 600)
    const accuracy = Number(await visitor.at('val-accuracy').getAttribute('data-value'))
    t.diagnostic(`run ${run}: ${(Date.now() - begun) / 1000} s, validation accuracy ${accuracy}`)
    assert.ok(accuracy > 0.3, `validation accuracy ${accuracy}: eight classes, so chance is 0.125`)
    const fetched = visitor.fetched.filter((name) => name === 'efficientnet-b0.safetensors')
    assert.equal(fetched.length, 1, 'the second run finds the weights in the browser')
  }
  await visitor.evaluate()
  assert.ok(await visitor.number('metric-accuracy') > 0.3)
})

test('what cannot be trained is said, and the page goes on', async (t) => {
  const visitor = await visit(await start(t))
  await visitor.importSample()
  await visitor.go('#/train?model=custom-cnn&weights=imagenet')
  await visitor.page.getByText('Weights must be none for custom-cnn: there are no ImageNet weights of it.').waitFor()
  assert.ok(await visitor.at('train-start').isDisabled())
  const imagenet = visitor.page.locator('[data-testid="weights"] option[value="imagenet"]')
  assert.ok(await imagenet.isDisabled(), 'it is not offered')
  await visitor.startTraining({ epochs: 1, seed: 1, weights: 'none' })
  await visitor.until('train-status', /^(preparing|running)/)
})
