// A model comes with the site: the first reading wants no training, and its card can be read.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { PORTRAIT } from './films.mjs'
import { start, visit } from './site.mjs'

test('a visitor reads a photograph at once', { skip: !existsSync(PORTRAIT) && 'there is no portrait' }, async (t) => {
  const visitor = await visit(await start(t), { route: '#/live' })
  await visitor.at('live-model').locator('option', { hasText: 'comes with Mien' }).waitFor({ state: 'attached' })
  await visitor.at('live-file').setInputFiles(PORTRAIT)
  await visitor.at('live-photograph').waitFor()
  const told = await visitor.at('live-photograph').innerText()
  assert.match(told, /1 face/)
  assert.match(told, /derived from expression labels, not measured/)
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
