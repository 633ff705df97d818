// What the models that come with the site say of the faces they were tested on: in the browser as natively. `make eval-weights`
// runs it: node eval-weights.mjs FOLDER DATA..., where FOLDER holds what each said natively (examples/ship).

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { start, visit } from './site.mjs'

const [folder, ...data] = process.argv.slice(2)

/** Probabilities, valence and arousal differ by less. */
const SAME = 1e-3

/** A table's names, and its rows. */
const table = (bytes) => {
  const [names, ...rows] = bytes.toString().trim().split(/\r?\n/).map((line) => line.split(','))
  return { names, rows }
}

test('the browser says of every face what was said natively', async (t) => {
  const visitor = await visit(await start(t))
  assert.match(await visitor.importFiles(data), /^done/)
  const index = JSON.parse(readFileSync(new URL('../../dist/models/index.json', import.meta.url)))
  const said = readdirSync(folder).filter((name) => name.endsWith('.csv'))
  assert.deepEqual(said.sort(), index.map(({ file }) => `${basename(file, '.safetensors')}.csv`).sort())
  for (const { file, summary } of index) {
    await visitor.go('#/evaluate')
    await visitor.at('evaluate-model').selectOption({ label: `${summary.name}, ${summary.origin}` })
    await visitor.evaluate(60 * 60)
    const here = table((await visitor.download('download-predictions')).bytes)
    const there = table(readFileSync(join(folder, `${basename(file, '.safetensors')}.csv`)))
    assert.deepEqual(here.names, there.names)
    assert.equal(here.rows.length, there.rows.length)
    let most = 0
    here.rows.forEach((row, at) => {
      assert.equal(row[0], there.rows[at][0], 'the same faces in the same order')
      row.forEach((text, column) => {
        const [a, b] = [text, there.rows[at][column]]
        const off = Math.abs(Number(a) - Number(b))
        if (Number.isNaN(off)) return
        most = Math.max(most, off)
        assert.ok(off <= SAME, `${summary.name}, row ${at + 1}, ${here.names[column]}: ${a}, natively ${b}`)
      })
    })
    t.diagnostic(`${summary.name}: ${here.rows.length} faces, the largest difference is ${most.toExponential(1)}`)
  }
})
