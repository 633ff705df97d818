// Tells what a visitor downloads, compressed, and fails where a budget is overdrawn: `node tools/sizes.mjs dist`.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const BUDGETS = [
  { what: 'the engine', kilobytes: 2800, holds: (name) => name.startsWith('engine') },
  { what: 'the page', kilobytes: 350, holds: () => true },
]
const FETCHED_LATER = /^(weights|icons|samples)\//

const folder = process.argv[2] ?? 'dist'
const sums = new Map(BUDGETS.map((budget) => [budget, 0]))
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name)
  const name = path.slice(join(folder, '/').length)
  if (!entry.isFile() || FETCHED_LATER.test(name)) continue
  const bytes = readFileSync(path)
  const compressed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length, [constants.BROTLI_PARAM_LGWIN]: 24 },
  })
  const budget = BUDGETS.find((budget) => budget.holds(name))
  sums.set(budget, sums.get(budget) + compressed.length)
}

for (const [{ what, kilobytes }, bytes] of sums) {
  console.log(`${what}: ${Math.round(bytes / 1000)} KB of ${kilobytes} KB (brotli)`)
  if (bytes > kilobytes * 1000) {
    console.error(`${what} is over its budget.`)
    process.exitCode = 1
  }
}
