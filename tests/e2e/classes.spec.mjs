import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternPng, upload, zip } from './files.mjs'
import { start, visit } from './site.mjs'

const face = (seed) => patternPng(48, seed)
const FACES = {
  'lachen/a.png': face(1), 'lachen/b.png': face(2), 'grinsen/c.png': face(3), 'wut/d.png': face(4), 'unklar/e.png': face(5),
}

test('a person says which class is which, and it is still so after a reload', async (t) => {
  const visitor = await visit(await start(t))
  assert.match(await visitor.importFiles(upload('faces.zip', zip(FACES))), /^done/)
  const naming = visitor.page.locator('details.naming')
  await naming.locator('summary').click()
  const rows = naming.locator('tbody tr')
  assert.deepEqual(await rows.locator('th').allInnerTexts(), ['grinsen', 'lachen', 'unklar', 'wut'])
  await rows.first().locator('canvas').first().waitFor()
  assert.ok(await visitor.at('classes-apply').isDisabled(), 'there is nothing to apply yet')

  const meant = ['happy', 'happy', '', 'anger']
  for (const [index, name] of meant.entries()) await visitor.at(`class-${index}`).selectOption(name)
  await visitor.at('classes-apply').click()
  await visitor.at('classes-reset').waitFor()
  const bars = async () => (await visitor.page.locator('section.summary').innerText()).replace(/\s+/g, ' ')
  assert.match(await bars(), /classes 2/i)
  assert.equal(await visitor.number('dataset-samples'), 5)

  await visitor.page.reload()
  await visitor.at('classes-reset').waitFor()
  for (const [index, name] of meant.entries()) assert.equal(await visitor.at(`class-${index}`).inputValue(), name)
  await visitor.at('classes-reset').click()
  await visitor.at('classes-reset').waitFor({ state: 'detached' })
  assert.match(await bars(), /classes 4/i)
})
