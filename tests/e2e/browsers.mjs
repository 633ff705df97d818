// The browsers that the site is driven in: Chromium, or Firefox where MIEN_BROWSER says so.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, firefox } from 'playwright-core'

/** Whether it is Firefox. */
export const FIREFOX = process.env.MIEN_BROWSER === 'firefox'

/** Of a test that reaches into the browser where only Chromium has a door: why it is skipped elsewhere. */
export const CHROMIUM_ALONE = FIREFOX && 'Firefox has no door for this'

/** Where Firefox puts what is downloaded: Playwright does not tell of it. */
const DOWNLOADS = FIREFOX ? mkdtempSync(join(tmpdir(), 'mien-downloads-')) : undefined
process.on('exit', () => DOWNLOADS && rmSync(DOWNLOADS, { recursive: true, force: true }))

const QUIET = [
  '--no-sandbox', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
]
const SOFTWARE_WEBGPU = ['--enable-unsafe-webgpu', '--enable-unsafe-swiftshader']

/** A browser. `args` are Chromium's own; WebGPU is on a software adapter where the machine has no other. */
export async function launch({ webgpu = false, args = [] } = {}) {
  if (!FIREFOX) {
    return chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [...QUIET, ...(webgpu ? SOFTWARE_WEBGPU : []), ...args],
    })
  }
  return firefox.launch({
    // Firefox as it is released, over WebDriver BiDi.
    channel: 'moz-firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    downloadsPath: DOWNLOADS,
    firefoxUserPrefs: { 'dom.webgpu.enabled': webgpu, 'gfx.webgpu.ignore-blocklist': webgpu },
  })
}

/** The file that a page saves when `action` is done: its name, where it lies, and what is in it. */
export async function download(page, action) {
  if (!FIREFOX) {
    const [download] = await Promise.all([page.waitForEvent('download'), action()])
    const path = await download.path()
    return { name: download.suggestedFilename(), path, bytes: readFileSync(path) }
  }
  for (const name of readdirSync(DOWNLOADS)) rmSync(join(DOWNLOADS, name), { recursive: true })
  await action()
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
    const names = readdirSync(DOWNLOADS)
    // It is whole once the name that it was written by is gone.
    if (names.length && !names.some((name) => name.endsWith('.part'))) {
      const path = join(DOWNLOADS, names[0])
      const bytes = readFileSync(path)
      if (bytes.length) return { name: names[0], path, bytes }
    }
  }
  throw new Error('nothing was downloaded within 30 s')
}
