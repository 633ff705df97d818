// Compare: all four networks trained in one go, and the verdict on them; the same models compared again after a reload.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { start, visit } from './site.mjs'

/** A link that trains for a moment. */
const PLAN = { epochs: 1, 'batch-size': 16, 'input-size': 32, 'warmup-epochs': 0, seed: 3 }

test('all four networks are trained and compared, and the verdict says which is better', async (t) => {
  const visitor = await visit(await start(t))
  await visitor.until('engine-status', /^ready/, 60)
  await visitor.page.getByLabel('Faces', { exact: true }).fill('160')
  await visitor.importSample()
  await visitor.go(`#/train?${new URLSearchParams(PLAN)}`)
  await visitor.at('train-start').waitFor()
  await visitor.go('#/compare')
  await visitor.until('nav-compare', /not compared yet/)
  await visitor.at('compare-all-beginning').selectOption('nothing')
  await visitor.at('compare-all').click()
  await visitor.until('nav-compare', /training 1 of 4/, 30)
  const verdict = await visitor.until('compare-verdict', /is ahead with an accuracy of .* % \(95 % interval .* to .*\)\./, 600)
  assert.match(await visitor.text('compare-turns'), /custom-cnn trained\s+vgg16 trained\s+resnet50 trained\s+efficientnet-b0 trained/)

  const columns = await visitor.page.locator('[data-testid=compare-figures] thead th').allInnerTexts()
  assert.equal(columns.length, 6, 'the four, and all together')
  const accuracies = await figures(visitor, 'Accuracy')
  const leader = columns.slice(1)[accuracies.indexOf(Math.max(...accuracies))]
  assert.ok(verdict.startsWith(`${leader} is ahead`), `${verdict} ${columns} ${accuracies}`)
  assert.equal(await visitor.page.locator('[data-testid=compare-figures] .best').count() > 10, true)
  assert.equal(await visitor.page.locator('[data-testid=compare-others] li').count(), 4)
  assert.match(await visitor.text('compare-others'), /no difference is shown in|is worse than/)

  // Where the first is right and the second is not.
  await visitor.at('disputed-right').selectOption({ index: 1 })
  await visitor.at('disputed-wrong').selectOption({ index: 2 })
  const file = await download(visitor, 'download-comparison')
  assert.equal(file.contestants.length, 5)
  assert.deepEqual(file.contestants.map((of) => of.report.expression.accuracy), accuracies)

  // After a reload the models are there, and what they said: nothing is evaluated again.
  await visitor.page.reload()
  await visitor.until('nav-models', /4 models/, 60)
  const own = visitor.page.locator('.checks li', { hasText: 'trained with Mien' }).locator('input')
  for (const name of await own.all()) await name.check()
  await visitor.at('compare-run').click()
  const again = await visitor.until('compare-verdict', /is ahead/, 60)
  assert.equal(again, verdict)
  await visitor.go('#/models')
  assert.equal(await visitor.page.locator('.models-list dt', { hasText: 'evaluated' }).count(), 4)
})

/** A row of the table of figures. */
async function figures(visitor, name) {
  const row = visitor.page.locator('[data-testid=compare-figures] tbody tr', { has: visitor.page.getByRole('rowheader', { name, exact: true }) })
  return row.locator('td').evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.value)))
}

async function download(visitor, id) {
  return JSON.parse((await visitor.download(id)).bytes.toString())
}
