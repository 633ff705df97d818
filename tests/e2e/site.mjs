// The built site in a real browser, and a watch over it: whatever goes to the console as an error, is thrown in the page,
// is not found, or leaves the origin fails the test that opened it.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { serve } from '../../tools/serve.mjs'
import { download, launch } from './browsers.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** Screenshots and the like; git ignores it. */
export const RESULTS = here('results/')

/** Starts a server on dist/ under a sub-path, and a browser (see `launch`); both end with the test `t`, and what went wrong fails it. */
export async function start(t, options) {
  assert.ok(existsSync(here('../../dist/index.html')), 'there is no dist/: run `make build` first')
  const server = await serve({ folder: here('../../dist'), base: '/any/folder/' })
  const browser = await launch(options)
  const troubles = []
  t.after(async () => {
    await browser.close()
    await server.close()
    for (const trouble of troubles) t.diagnostic(trouble)
    assert.deepEqual(troubles, [], 'nothing went wrong unseen')
  })
  return { browser, url: server.url, troubles }
}

/**
 * Opens the site as a new visitor, whose engine may use so many `cores`. `expected`: patterns of what may go wrong; `prepare` sees the page before the site
 * does; `look`: options of Playwright's browser context.
 */
export async function visit(site, { device = 'cpu', cores, route = '#/data', expected = [], prepare, look } = {}) {
  const context = await site.browser.newContext({ viewport: { width: 1440, height: 900 }, ...look })
  watch(context, site.url, (text) => expected.some((pattern) => pattern.test(text)) || site.troubles.push(text))
  const fetched = []
  context.on('request', (request) => fetched.push(new URL(request.url()).pathname.split('/').at(-1)))
  const page = await context.newPage()
  await prepare?.(page)
  await page.goto(`${site.url}?device=${device}${cores ? `&cores=${cores}` : ''}${route}`)
  return new Visit(page, fetched)
}

function watch(context, url, trouble) {
  context.on('console', (message) => {
    if (message.type() === 'error') trouble(`console: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => trouble(`thrown: ${error.error().stack}`))
  context.on('requestfailed', (request) => trouble(`failed: ${request.url()} (${request.failure()?.errorText})`))
  context.on('response', (response) => response.status() >= 400 && trouble(`${response.status()}: ${response.url()}`))
  context.on('request', (request) => {
    const local = request.url().startsWith(url) || /^(blob|data):/.test(request.url())
    if (!local) trouble(`left the origin: ${request.url()}`)
  })
}

/** One visitor's page, by its handles (`data-testid`); `fetched` is the names of the files that it asked for. */
export class Visit {
  constructor(page, fetched = []) {
    this.page = page
    this.fetched = fetched
  }

  /** The element with this handle. */
  at(id) {
    return this.page.locator(`[data-testid="${id}"]:not(.models-shipped *)`)
  }

  async text(id) {
    return (await this.at(id).innerText()).trim()
  }

  async number(id) {
    return numberIn(await this.text(id))
  }

  /** Follows a link within the page: the engine and what it holds stay. */
  async go(route) {
    await this.page.evaluate((route) => void (location.hash = route), route)
  }

  /** Waits until the text of a handle matches; a failure shown there ends the wait. Returns the text. */
  async until(id, pattern, seconds = 60) {
    const end = Date.now() + seconds * 1000
    let text = '(absent)'
    while (Date.now() < end) {
      if (await this.at(id).count()) text = await this.text(id)
      if (pattern.test(text)) return text
      assert.doesNotMatch(text, /^failed/, id)
      await sleep(100)
    }
    assert.fail(`${id} should have matched ${pattern} within ${seconds} s; it says "${text}"`)
  }

  /** Imports the sample faces. */
  async importSample() {
    assert.match(await this.importBy(() => this.at('import-sample').click()), /^done/)
  }

  /** Imports files, or one folder, through the page's own inputs; returns how it ended: "done" or "failed: ...". */
  async importFiles(files, input = 'import-files') {
    return this.importBy(() => this.at(input).setInputFiles(files))
  }

  /** Does what starts an import, and waits for its end. */
  async importBy(begin) {
    await this.go('#/data')
    await this.at('import-status').waitFor({ state: 'attached' })
    const before = await this.text('import-status')
    await begin()
    // The last import's ending may read like this one's: give the page a moment to say that it has begun.
    for (let tries = 0; tries < 20 && (await this.text('import-status')) === before; tries++) await sleep(50)
    for (const end = Date.now() + 120_000; Date.now() < end; await sleep(100)) {
      const status = await this.text('import-status')
      if (/^(done|failed)/.test(status)) return status
    }
    assert.fail(`the import does not end: ${await this.text('import-status')}`)
  }

  /** Opens the training page with these settings, and starts. */
  async startTraining(settings) {
    await this.go(`#/train?${new URLSearchParams(settings)}`)
    for (const name of ['epochs', 'batch-size', 'input-size', 'seed'].filter((name) => name in settings)) {
      const input = this.at(name)
      await input.waitFor()
      for (let tries = 0; tries < 20 && Number(await input.inputValue()) !== settings[name]; tries++) await sleep(50)
      assert.equal(Number(await input.inputValue()), settings[name], `the link sets ${name}`)
    }
    await this.at('train-start').click()
  }

  /** Evaluates the chosen model, the newest unless another was chosen, on the test split. */
  async evaluate(seconds = 300) {
    await this.go('#/evaluate')
    await this.at('evaluate-run').click()
    await this.until('evaluate-status', /^(done|finished)/, seconds)
    // The figures come part by part, the faces last.
    await this.page.locator('.predictions').waitFor()
  }

  /** What a download button gives. */
  async download(id) {
    return download(this.page, () => this.at(id).click())
  }
}

/** The number a person reads in a text: "71.4 %" is 0.714. */
export function numberIn(text) {
  const plain = text.replace(/\u2212/g, '-').replace(/(?<=\d)[,\u2009\u202f\u00a0](?=\d{3})/g, '')
  const found = plain.match(/[-+]?\d*\.?\d+(e[-+]?\d+)?/i)
  assert.ok(found, `there is a number in "${text}"`)
  return Number(found[0]) / (/%/.test(plain) ? 100 : 1)
}
