import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { start, visit } from './site.mjs'

// Runs in the page and in the worker: what stops a request to another origin?
function whatStops(url) {
  return new Promise((resolve) => {
    addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true })
    fetch(url, { mode: 'no-cors' }).then(
      () => resolve('nothing: it was answered'),
      () => setTimeout(resolve, 1000, 'the network, not the policy'),
    )
  })
}

test('neither the page nor the engine can reach another origin', async (t) => {
  let reached = 0
  const elsewhere = createServer((_, response) => (reached++, response.end()))
  await new Promise((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  t.after(() => elsewhere.close())
  const url = `http://127.0.0.1:${elsewhere.address().port}/`

  const site = await start(t)
  const visitor = await visit(site, { expected: [/Content Security Policy/i, new RegExp(`(left the origin|failed): ${url}`)] })
  await visitor.until('engine-status', /^ready/)
  assert.equal(await visitor.page.evaluate(whatStops, url), 'connect-src')
  const [engine] = visitor.page.workers()
  assert.ok(engine, 'the engine runs in a dedicated worker')
  assert.equal(await engine.evaluate(whatStops, url), 'connect-src')
  assert.equal(reached, 0)
})

test('a whole visit stays on the origin', async (t) => {
  const visitor = await visit(await start(t))
  await visitor.importSample()
  for (const page of ['data', 'train', 'evaluate', 'compare', 'live', 'models']) await visitor.at(`nav-${page}`).click()
  // What leaves the origin fails the test when it ends (site.mjs).
  assert.deepEqual(await visitor.page.context().cookies(), [])
})
