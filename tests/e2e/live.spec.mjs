// Live: a camera (Chromium's own, which plays a file), photographs, a film, the record; and what a person is told where
// there is none of them. The portrait is there where `make weights` has been.

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { chromium } from 'playwright-core'
import { fortyFaces } from './files.mjs'
import { start, visit } from './site.mjs'

const SETTINGS = { epochs: 1, 'warmup-epochs': 0, 'batch-size': 8, 'input-size': 48, seed: 1 }
const CAMERA = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']
const PORTRAIT = join(process.env.MIEN_CACHE ?? join(homedir(), '.cache/mien'), 'weights/check/astronaut.png')
const skip = !existsSync(PORTRAIT) && `there is no ${PORTRAIT}; make weights makes it`

/** MediaPipe's box of the face in the portrait, which is 512 x 512 (tests/golden/detection.json). */
const FACE = JSON.parse(readFileSync(new URL('../golden/detection.json', import.meta.url))).pictures.portrait[0].box

test('a camera is read, recorded, and goes dark when it stops', { skip }, async (t) => {
  const camera = await film(t, [60])
  const site = await start(t, { args: [...CAMERA, `--use-file-for-fake-video-capture=${camera}`] })
  const visitor = await withModel(site)
  const { page } = visitor
  await visitor.at('live-start').click()
  await visitor.until('live-faces', /^1$/, 60)
  await visitor.until('live-fps', /^[1-9]/, 60)

  // The picture is 640 x 512; the face begins 60 pixels further to the right than in the portrait. A mirror shows it.
  const [left, top, width, height] = FACE
  const expected = [640 - (left + 60) - width, top, width, height]
  const seen = await boxOf(page, [640, 512])
  const off = expected.map((value, place) => Math.abs(value - seen[place]) / width)
  assert.ok(off.every((share) => share < 0.1), `the frame is at ${seen}, not ${expected}`)

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
  const camera = await film(t, [0, 20, 40, 60, 80, 100, 128, 100, 80, 60, 40, 20])
  const site = await start(t, { args: [...CAMERA, `--use-file-for-fake-video-capture=${camera}`] })
  const visitor = await withModel(site)
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

test('where there is no camera, or it may not be used, a person is told what to do', async (t) => {
  const visitor = await withModel(await start(t, { args: ['--use-fake-device-for-media-stream=device-count=0'] }))
  await visitor.at('live-start').click()
  await visitor.page.getByText(/There is no such camera|The camera may not be used/).waitFor()
  assert.equal(await visitor.at('live-stop').isDisabled(), true)
  await visitor.at('live-file').setInputFiles({ name: 'broken.webm', mimeType: 'video/webm', buffer: Buffer.from('no film') })
  await visitor.page.getByText(/^broken.webm: The browser cannot play this film/).waitFor()
})

async function withModel(site) {
  const visitor = await visit(site)
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

/** A film (YUV4MPEG2, 640 x 512, 5 pictures a second) of the portrait at these distances from the left. */
async function film(t, lefts) {
  const folder = mkdtempSync(join(tmpdir(), 'mien-live-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
  const page = await browser.newPage()
  const portrait = `data:image/png;base64,${readFileSync(PORTRAIT).toString('base64')}`
  const pictures = await page.evaluate(
    async ({ portrait, lefts }) => {
      const image = new Image()
      image.src = portrait
      await image.decode()
      const canvas = new OffscreenCanvas(640, 512)
      const context = canvas.getContext('2d', { willReadFrequently: true })
      const base64 = (bytes) => new Promise((done) => {
        const reader = new FileReader()
        reader.onload = () => done(reader.result.split(',')[1])
        reader.readAsDataURL(new Blob([bytes]))
      })
      const pictures = []
      for (const left of lefts) {
        context.fillRect(0, 0, 640, 512)
        context.drawImage(image, left, 0)
        pictures.push(await base64(context.getImageData(0, 0, 640, 512).data))
      }
      return pictures
    },
    { portrait, lefts },
  )
  await browser.close()
  const parts = [Buffer.from('YUV4MPEG2 W640 H512 F5:1 Ip A1:1 C420jpeg\n')]
  for (const picture of pictures) parts.push(Buffer.from('FRAME\n'), planes(Buffer.from(picture, 'base64'), 640, 512))
  const path = join(folder, 'camera.y4m')
  writeFileSync(path, Buffer.concat(parts))
  return path
}

/** RGBA as luma and two chroma planes of half the size (ITU-R BT.601, whole range). */
function planes(rgba, width, height) {
  const [luma, blue, red] = [new Uint8Array(width * height), new Uint8Array((width * height) / 4), new Uint8Array((width * height) / 4)]
  for (let place = 0; place < width * height; place++) {
    const [r, g, b] = rgba.subarray(4 * place, 4 * place + 3)
    luma[place] = Math.round(0.299 * r + 0.587 * g + 0.114 * b)
    const [x, y] = [place % width, Math.floor(place / width)]
    if (x % 2 || y % 2) continue
    const half = (y / 2) * (width / 2) + x / 2
    blue[half] = Math.min(255, Math.round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b))
    red[half] = Math.min(255, Math.round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b))
  }
  return Buffer.concat([luma, blue, red])
}
