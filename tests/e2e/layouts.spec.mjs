import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { upload } from './files.mjs'
import { start, visit } from './site.mjs'

const ARRAYS = [
  'gray_u8', 'gray_u8_fortran', 'gray_f32', 'gray_f32_big_endian', 'gray_f32_signed', 'gray_last', 'gray_first', 'gray_u16',
  'gray_i64', 'rgb_last', 'rgb_last_fortran', 'rgb_first', 'rgb_first_f32_fortran',
].map((form) => `arrays_${form}.zip`)
const TABLES = ['semicolon_comma', 'tab_comma', 'quoted_comma', 'crlf', 'bom', 'all_quoted'].map((way) => `table_${way}.zip`)

// What the real tools wrote (tests/golden/make_layouts.py): files, faces, classes, what it is recognised as.
const LAYOUTS = [
  [['seed.zip', 'seed_names.zip', 'seed_one_hot.zip', 'seed_soft.zip'], 6, [8, 6], 'arrays of labels'],
  [['seed_splits.zip'], 6, [8, 4], 'arrays of labels'],
  [[...ARRAYS, 'arrays_savez.npz'], 6, [8, 6, 4], 'arrays'],
  [['affectnet_arrays.zip'], 4, [8], 'AffectNet'],
  [['affectnet_table.zip'], 3, [8, 3], "AffectNet's table"],
  [['fer2013.zip', 'fer2013_icml.zip'], 6, [7], 'FER2013'],
  [['fer2013_plus.zip'], 3, [8], 'FER2013'],
  [['rafdb.zip', 'rafdb_folders.zip', 'rafdb_table.zip'], 5, [7, 5], ''],
  [['ckplus48.zip'], 7, [7], 'a folder per class'],
  [['jaffe.zip'], 7, [7], 'JAFFE'],
  [['file_names.zip'], 4, [4], 'a class in each file name'],
  [['afew_va.zip'], 6, [0], 'AFEW-VA'],
  [TABLES, 6, [5], 'a table of labels'],
]

test('every layout that the README lists opens in the browser', async (t) => {
  const visitor = await visit(await start(t))
  for (const [files, faces, classes, recognised] of LAYOUTS) {
    for (const file of files) {
      const content = readFileSync(new URL(`../golden/layouts/${file}`, import.meta.url))
      assert.match(await visitor.importFiles(upload(file, content)), /^done/, file)
      await visitor.until('nav-data', new RegExp(`^Data\\s+${faces} faces`))
      assert.equal(await visitor.number('dataset-samples'), faces, file)
      const summary = await visitor.page.locator('section.summary').innerText()
      assert.ok(summary.includes(`Recognised as ${recognised}`), `${file}: ${summary}`)
      const found = Number(summary.match(/classes\s+(\d+)/)[1])
      assert.ok(classes.includes(found), `${file}: ${found} classes`)
    }
  }
})
