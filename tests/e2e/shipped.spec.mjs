// A model comes with the site: the first reading wants no training, and its card can be read.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PORTRAIT } from './films.mjs'
import { start, visit } from './site.mjs'

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url))
const SHIPPED = JSON.parse(readFileSync(`${DIST}models/index.json`))

test('a visitor reads a photograph at once', { skip: !existsSync(PORTRAIT) && 'there is no portrait' }, async (t) => {
  const visitor = await visit(await start(t), { route: '#/live' })
  const models = visitor.at('live-model').locator('option', { hasText: 'comes with Mien' })
  await models.first().waitFor({ state: 'attached' })
  assert.match(await visitor.at('live-model').locator('option:checked').innerText(), /^CustomCNN/)
  const photographs = visitor.at('live-photograph')
  const readOnceMore = async () => {
    const before = await photographs.count()
    await visitor.at('live-file').setInputFiles(PORTRAIT)
    await photographs.nth(before).waitFor()
    for (const told of await photographs.allInnerTexts()) {
      assert.match(told, /1 face/)
      assert.match(told, /derived from expression labels, not measured/)
    }
  }
  await readOnceMore()
  const files = () => visitor.fetched.filter((name) => name.endsWith('.safetensors'))
  assert.deepEqual(files().toSorted(), ['blazeface.safetensors', 'custom-cnn-ferplus.safetensors'], 'no more than is wanted')

  // Every other one reads it, too.
  const others = SHIPPED.filter((model) => !model.file.startsWith('custom-cnn'))
  assert.equal(await models.count(), 1 + others.length)
  for (const { file, shipped, summary } of others) {
    const published = `${summary.architecture}.safetensors`
    const beside = shipped.backbone_bytes > 0 ? [published] : []
    if (beside.length > 0 && !existsSync(`${DIST}weights/${published}`)) {
      t.diagnostic(`${file} is left out: there is no dist/weights/${published}, which \`make weights\` makes where it can`)
      continue
    }
    const before = files()
    const label = await models.filter({ hasText: summary.name }).innerText()
    await visitor.at('live-model').selectOption({ label })
    await readOnceMore()
    assert.deepEqual(files().slice(before.length).toSorted(), [file, ...beside].toSorted(), 'fetched when it is wanted')
  }
})

test('its card is read, and it can be copied but not deleted', async (t) => {
  const visitor = await visit(await start(t), { route: '#/models' })
  const entry = visitor.page.locator('.models-shipped > li').last()
  await entry.waitFor()
  assert.equal(await entry.getByTestId('delete-model').count(), 0)
  assert.equal(await entry.getByTestId('rename-model').count(), 0)
  await entry.getByTestId('model-card').locator('summary').click()
  await entry.getByRole('heading', { name: 'How good it is' }).waitFor()
  assert.match(await entry.getByRole('row', { name: /^accuracy/ }).innerText(), /0\.\d{3} \(0\.\d{3}-0\.\d{3}\)/)
  await entry.getByTestId('copy-model').click()
  const copy = visitor.page.locator('.models-list').first().locator('li')
  await copy.getByTestId('delete-model').waitFor()
  assert.equal(await copy.count(), 1)
})
