// A browser without relaxed SIMD gets an engine without it, which says the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIREFOX } from './browsers.mjs'
import { start, visit } from './site.mjs'

/** What the model that comes with the site says about the sample faces; and which engine it was that said so. */
async function predictions(site, prepare) {
  const visitor = await visit(site, { prepare })
  await visitor.importSample()
  await visitor.go('#/evaluate')
  const option = visitor.page.locator('[data-testid="evaluate-model"] option', { hasText: 'CustomCNN on FER+' })
  await option.waitFor({ state: 'attached' })
  await visitor.at('evaluate-model').selectOption({ label: await option.innerText() })
  await visitor.evaluate()
  const rows = (await visitor.download('download-predictions')).bytes.toString().trim().split('\r\n')
  return { engines: visitor.fetched.filter((name) => /^engine.*\.wasm$/.test(name)), rows: rows.map((row) => row.split(',')) }
}

test('an engine without relaxed SIMD says the same', async (t) => {
  const site = await start(t)
  const usual = await predictions(site, async () => {})
  const plain = await predictions(site, (page) => page.addInitScript(() => (WebAssembly.validate = () => false)))
  if (!FIREFOX) assert.deepEqual(new Set(usual.engines), new Set(['engine_bg.wasm']))
  assert.deepEqual(new Set(plain.engines), new Set(['engine_plain_bg.wasm']))
  assert.equal(plain.rows.length, 297)
  for (const [at, row] of plain.rows.entries()) {
    for (const [column, cell] of row.entries()) {
      const other = usual.rows[at][column]
      const isSame = cell === other || Math.abs(Number(cell) - Number(other)) < 1e-4
      assert.ok(isSame, `row ${at + 1}, ${usual.rows[0][column]}: ${cell}, not ${other}`)
    }
  }
})
