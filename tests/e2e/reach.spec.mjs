import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { RESULTS, start, visit } from './site.mjs'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const ROUTES = ['data', 'train', 'evaluate', 'compare', 'live', 'models']
const SIZES = [{ width: 1440, height: 900 }, { width: 390, height: 844 }]
const SCHEMES = ['light', 'dark']

/** Opens the site with the sample faces in it, and, where asked, a short training, its evaluation and a comparison. */
async function filled(t, { trained }) {
  const visitor = await visit(await start(t), {
    prepare: (page) => page.addInitScript({ path: AXE }),
    look: { reducedMotion: 'reduce' },
  })
  await visitor.importSample()
  if (!trained) return visitor
  await visitor.startTraining({ epochs: 2 })
  await visitor.until('train-status', /^finished/, 300)
  await visitor.evaluate()
  await visitor.go('#/models')
  await visitor.at('copy-model').click()
  await visitor.until('nav-models', /2 models/)
  await visitor.go('#/compare')
  for (const box of await visitor.page.locator('.checks input').all()) await box.check()
  await visitor.at('compare-run').click()
  await visitor.until('compare-verdict', /is ahead/, 120)
  return visitor
}

async function show(visitor, route, size, scheme) {
  await visitor.page.setViewportSize(size)
  await visitor.page.emulateMedia({ colorScheme: scheme })
  await visitor.go(`#/${route}`)
  await visitor.page.waitForTimeout(300)
  const closer = visitor.at('look-closer').first()
  if (await closer.isVisible()) await closer.click()
}

async function seriousViolations(visitor) {
  const { violations } = await visitor.page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`))
}

test('every page: no sideways scrolling, no serious fault for axe, a screenshot', async (t) => {
  mkdirSync(RESULTS, { recursive: true })
  const visitor = await filled(t, { trained: true })
  const faults = []
  for (const size of SIZES) {
    for (const scheme of SCHEMES) {
      for (const route of ROUTES) {
        const where = `${route}-${size.width}-${scheme}`
        await show(visitor, route, size, scheme)
        // A caret is not hidden: that would take a style of the test's own, which the page forbids and Firefox tells.
        await visitor.page.screenshot({ path: `${RESULTS}${where}.png`, fullPage: true, caret: 'initial' })
        const over = await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        if (over > 0) faults.push(`${where}: ${over} px wider than the window`)
        for (const fault of await seriousViolations(visitor)) faults.push(`${where}: ${fault}`)
      }
    }
  }
  assert.deepEqual(faults, [])
})

// Marks every control a person must be able to reach, by name; a radio group is one control.
function controls() {
  const shown = (element) => element.checkVisibility({ visibilityProperty: true })
  const seen = new Set()
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter((element) => shown(element) && !element.disabled && element.tabIndex >= 0)
    .filter(({ type, name }) => type !== 'radio' || (!seen.has(name) && seen.add(name)))
    .map((element, index) => {
      element.dataset.reach = element.type === 'radio' ? element.name : index
      return { mark: element.dataset.reach, html: element.outerHTML.slice(0, 120) }
    })
}

function focused() {
  const { type, name, dataset } = document.activeElement
  return type === 'radio' ? name : dataset.reach
}

test('the keyboard reaches every control of every page', async (t) => {
  const visitor = await filled(t, { trained: false })
  const missed = []
  for (const route of ROUTES) {
    await show(visitor, route, SIZES[0], 'light')
    const wanted = await visitor.page.evaluate(controls)
    assert.ok(wanted.length >= ROUTES.length, `${route} has controls`)
    const reached = new Set()
    await visitor.page.evaluate(() => document.activeElement.blur())
    for (let presses = 0; presses < wanted.length * 2 + 10; presses++) {
      await visitor.page.keyboard.press('Tab')
      reached.add(await visitor.page.evaluate(focused))
    }
    for (const { mark, html } of wanted) if (!reached.has(String(mark))) missed.push(`${route}: ${html}`)
  }
  assert.deepEqual(missed, [])
})
