// Live: a camera, photographs, a film, the record; and what a person is told where
// there is none of them. The portrait is there where `make weights` has been.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CHROMIUM_ALONE } from './browsers.mjs'
import { camera } from './cameras.mjs'
import { fortyFaces } from './files.mjs'
import { PORTRAIT, webm } from './films.mjs'
import { start, visit } from './site.mjs'

const SETTINGS = { epochs: 1, 'warmup-epochs': 0, 'batch-size': 8, 'input-size': 48, seed: 1 }
const skip = !existsSync(PORTRAIT) && `there is no ${PORTRAIT}; make weights makes it`

/** MediaPipe's box of the face in the portrait, which is 512 x 512 (tests/golden/detection.json). */
const FACE = JSON.parse(readFileSync(new URL('../golden/detection.json', import.meta.url))).pictures.portrait[0].box

test('a camera is read, recorded, and goes dark when it stops', { skip }, async (t) => {
  const seen = await camera(t, [60])
  const visitor = await withModel(await start(t, seen.browser), seen.visit)
  const { page } = visitor
  await visitor.at('live-start').click()
  await visitor.until('live-faces', /^1$/, 60)
  await visitor.until('live-fps', /^[1-9]/, 60)

  // The picture is 640 x 512; the face begins 60 pixels further to the right than in the portrait. A mirror shows it.
  const [left, top, width, height] = FACE
  const expected = [640 - (left + 60) - width, top, width, height]
  const box = await boxOf(page, [640, 512])
  const off = expected.map((value, place) => Math.abs(value - box[place]) / width)
  assert.ok(off.every((share) => share < 0.1), `the frame is at ${box}, not ${expected}`)

  assert.match(await visitor.text('live-expression'), /^(neutral|happy|sad|surprise|fear|disgust|anger|contempt|not sure)$/)
  for (const axis of ['valence', 'arousal']) assert.match(await visitor.text(`live-${axis}`), /^[+-][01]\.\d\d$/)
  // Nobody is that sure after one epoch.
  await page.locator('#live-least').fill('95')
  await visitor.until('live-expression', /^not sure$/)

  await visitor.at('record-start').click()
  await visitor.until('record-readings', /^([5-9]|\d\d)/, 60)
  await page.getByRole('textbox', { name: 'What happens now' }).fill('a note')
  await page.getByRole('button', { name: 'Mark this moment' }).click()
  const rows = (await visitor.download('download-record')).bytes.toString().trim().split('\r\n')
  assert.match(rows[0], /^time,face,left,top,width,height,score,expression,probability_/)
  const times = rows.slice(1).map((row) => Number(row.split(',')[0]))
  assert.deepEqual(times, times.toSorted((a, b) => a - b), 'times rise')
  assert.ok(rows.some((row) => row.endsWith(',a note')), 'the mark is there')
  assert.match((await visitor.download('download-subtitles')).bytes.toString(), /^WEBVTT\n/)

  await hold(page)
  await visitor.at('live-stop').click()
  await page.waitForFunction(() => window.held.every((track) => track.readyState === 'ended'))
  assert.equal(await page.locator('.stage').isVisible(), false)

  // Unplugged, as far as a page sees of it.
  await visitor.at('live-start').click()
  await visitor.until('live-faces', /^1$/, 60)
  await page.evaluate(() => document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended')))
  await page.getByText('The camera or the screen is gone: start again when it is back.').waitFor()
  assert.equal(await page.locator('.stage').isVisible(), false)

  // It goes dark when the page is left, too.
  await visitor.at('live-start').click()
  await visitor.until('live-faces', /^1$/, 60)
  await hold(page)
  await visitor.go('#/models')
  await page.waitForFunction(() => window.held.every((track) => track.readyState === 'ended'))
  await visitor.go('#/live')
  await visitor.at('live-file').setInputFiles(PORTRAIT)
  await visitor.at('live-photograph').waitFor()
})

/** Keeps the camera's tracks in sight of the test. */
async function hold(page) {
  await page.evaluate(() => (window.held = document.querySelector('video').srcObject.getTracks()))
}

test('the trail moves with the film', { skip }, async (t) => {
  const seen = await camera(t, [0, 20, 40, 60, 80, 100, 128, 100, 80, 60, 40, 20])
  const visitor = await withModel(await start(t, seen.browser), seen.visit)
  await visitor.at('live-start').click()
  await visitor.until('live-faces', /^1$/, 60)
  const lefts = new Set()
  for (let tries = 0; tries < 60 && lefts.size < 4; tries++) {
    lefts.add(Math.round((await boxOf(visitor.page, [640, 512]))[0] / 20))
    await visitor.page.waitForTimeout(100)
  }
  assert.ok(lefts.size >= 4, `the frame follows the face: ${[...lefts]}`)
  assert.equal(await visitor.page.locator('.face-frame span').innerText().then((text) => text.split(' ')[0]), '1', 'the same face')
})

test('photographs are read; what is none is refused by name', { skip }, async (t) => {
  const visitor = await withModel(await start(t))
  const { page } = visitor
  await visitor.at('live-file').setInputFiles(PORTRAIT)
  await visitor.at('live-photograph').waitFor()
  assert.match(await visitor.at('live-photograph').innerText(), /512 x 512 pixels: 1 face/)
  assert.equal(await page.locator('.photograph .face-frame').count(), 1)
  await visitor.at('live-file').setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('no picture') })
  await page.getByText('notes.png is not an image Mien can read').waitFor()
})

test('where there is no camera, or it may not be used, a person is told what to do', { skip: CHROMIUM_ALONE }, async (t) => {
  const visitor = await withModel(await start(t, { args: ['--use-fake-device-for-media-stream=device-count=0'] }))
  await visitor.at('live-start').click()
  await visitor.page.getByText(/There is no such camera|The camera may not be used/).waitFor()
  assert.equal(await visitor.at('live-stop').isDisabled(), true)
  await visitor.at('live-file').setInputFiles({ name: 'broken.webm', mimeType: 'video/webm', buffer: Buffer.from('no film') })
  await visitor.page.getByText(/^broken.webm: The browser cannot play this film/).waitFor()
})

test('a film is read whole, picture by picture, and its record is wound', { skip }, async (t) => {
  // A browser that has not loaded all of a film gives it up for the next.
  const visitor = await withModel(await start(t), { expected: [/^failed: blob:.*ERR_ABORTED/] })
  const { page } = visitor
  // Three seconds, 25 pictures each: the portrait moves for two, then it is gone.
  const lefts = Array.from({ length: 75 }, (_, number) => (number < 50 ? 2 * number : null))
  const film = { name: 'portrait.webm', mimeType: 'video/webm', buffer: await webm(lefts, 25) }
  await page.locator('#live-least').fill('0')
  await visitor.at('live-file').setInputFiles(film)
  await visitor.at('read-whole').click()
  await visitor.until('live-whole', /^Read 75 pictures\.$/, 120)

  const rows = (await visitor.download('download-record')).bytes.toString().trim().split('\r\n').slice(1)
  const [times, faces, from] = [0, 1, 2].map((column) => rows.map((row) => Number(row.split(',')[column])))
  assert.deepEqual(times, Array.from({ length: 50 }, (_, number) => number / 25), 'every picture once, at its own time')
  assert.deepEqual(new Set(faces), new Set([1]))
  const [left, , width] = FACE
  const off = from.map((value, number) => Math.abs(value - left - lefts[number]) / width)
  assert.ok(Math.max(...off) < 0.1, `the face is ${Math.max(...off)} of its width beside where it is`)

  const summary = (await visitor.download('download-summary')).bytes.toString().trim().split('\r\n')
  const cells = Object.fromEntries(summary[0].split(',').map((name, place) => [name, Number(summary[1].split(',')[place])]))
  assert.equal(summary.length, 2)
  assert.deepEqual([cells.face, cells.from, cells.to, cells.readings, cells.share_not_sure], [1, 0, 1.96, 50, 0])
  // The last reading stands for half a second.
  assert.ok(Math.abs(cells.seconds - 2.46) < 1e-3)
  assert.equal(await page.getByTestId('summary').locator('tbody tr').count(), 1)

  await visitor.at('moment').fill('1')
  await visitor.until('at-moment', /^0:01\.0: Face 1: \w+ [\d.]+ %, valence [+-]\d\.\d\d, arousal [+-]\d\.\d\d\.$/)
  assert.equal(await page.locator('video').evaluate((video) => video.currentTime), 1)
  await visitor.until('live-faces', /^1$/)
  assert.match(await page.locator('.face-frame span').innerText(), /^1 /, 'it is still the first face')
  await visitor.at('moment').fill('2.9')
  await visitor.until('at-moment', /^0:02\.9: No face\.$/)
  await visitor.until('live-faces', /^0$/)

  // Another film, in which nobody is; the record of the one before stays.
  await visitor.at('live-file').setInputFiles({ ...film, name: 'nobody.webm', buffer: await webm(lefts.slice(0, 20).map(() => null), 25) })
  await visitor.until('live-faces', /^0$/)
  assert.equal(await visitor.text('record-readings'), '50')
  await visitor.at('read-whole').click()
  await visitor.until('live-whole', /^Read 20 pictures\.$/, 120)
  await visitor.until('record-readings', /^0$/)
  assert.equal(await visitor.at('download-record').isDisabled(), true)
})

test('a photograph can be dropped and pasted', { skip }, async (t) => {
  const { page } = await withModel(await start(t))
  const bytes = readFileSync(PORTRAIT).toString('base64')
  for (const kind of ['drop', 'paste']) {
    await page.evaluate(({ bytes, kind }) => {
      const file = new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], `${kind}.png`, { type: 'image/png' })
      const transfer = new DataTransfer()
      transfer.items.add(file)
      const init = { bubbles: true, cancelable: true, dataTransfer: transfer, clipboardData: transfer }
      const event = kind === 'drop' ? new DragEvent(kind, init) : new ClipboardEvent(kind, init)
      // A clipboard event that is made in Firefox takes no files.
      if (kind === 'paste' && !event.clipboardData.files.length) Object.defineProperty(event, 'clipboardData', { value: transfer })
      document.body.dispatchEvent(event)
    }, { bytes, kind })
    await page.getByRole('region', { name: `${kind}.png` }).waitFor({ timeout: 60_000 })
  }
})

async function withModel(site, options) {
  const visitor = await visit(site, options)
  assert.match(await visitor.importFiles(fortyFaces()), /^done/)
  await visitor.startTraining(SETTINGS)
  await visitor.until('train-status', /^finished/, 300)
  await visitor.go('#/live')
  return visitor
}

/** The frame around the face, in pixels of a picture of this size: left, top, width, height. */
async function boxOf(page, [width, height]) {
  const style = await page.locator('.face-frame').first().evaluate(({ style }) => [style.left, style.top, style.width, style.height])
  const shares = style.map((share) => parseFloat(share) / 100)
  return [shares[0] * width, shares[1] * height, shares[2] * width, shares[3] * height]
}
