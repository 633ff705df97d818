// Tells what a visitor downloads, compressed, and fails where a budget is overdrawn: `node tools/sizes.mjs dist`.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const BUDGETS = { engine: 2800, page: 350 }
const FETCHED_LATER = /^(weights|models)\//

const folder = process.argv[2] ?? 'dist'
const sizes = new Map()
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name)
  const name = path.slice(join(folder, '/').length)
  if (!entry.isFile() || FETCHED_LATER.test(name)) continue
  const bytes = readFileSync(path)
  const compressed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length, [constants.BROTLI_PARAM_LGWIN]: 24 },
  })
  sizes.set(name, compressed.length)
}
const sum = (wanted) => [...sizes].reduce((sum, [name, size]) => sum + (wanted(name) ? size : 0), 0)
const isChunk = (name) => /^(split_\w+|chunk_\d+)\.wasm$/.test(name)
const isEngine = (name) => name.startsWith('engine')
// A browser fetches one of the two.
const BINARIES = ['engine_bg.wasm', 'engine_plain_bg.wasm']

const start = sum((name) => !isEngine(name) && !isChunk(name))
for (const [at, kind] of ['', ', plain'].entries()) {
  say('engine', `the engine${kind}`, sum((name) => isEngine(name) && name !== BINARIES[1 - at]))
}
say('page', 'the page at Data', start)
for (const [which, files] of chunks()) say('page', `the page opened at ${which}`, start + sum((name) => files.includes(name)))

function say(budget, what, bytes) {
  console.log(`${what}: ${Math.round(bytes / 1000)} KB of ${BUDGETS[budget]} KB (brotli)`)
  if (bytes > BUDGETS[budget] * 1000) {
    console.error(`${what} is over its budget.`)
    process.exitCode = 1
  }
}

/** Which files each split-off part of the page takes, as its loader has it. */
function chunks() {
  const loader = join(folder, '__wasm_split.js')
  if (!existsSync(loader)) return []
  const parts = readFileSync(loader, 'utf8').matchAll(/__wasm_split_load_(\w+) =[^]*?"\.\/(split_\w+\.wasm)"[^]*?\n, \[([^\]]*)\]/g)
  return [...parts].map(([, which, own, shared]) => [which, [own, ...shared.match(/chunk_\d+/g)?.map((chunk) => `${chunk}.wasm`) ?? []]])
}
