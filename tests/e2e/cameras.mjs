// Cameras that show the portrait: Chromium's fake one, which plays a file; in Firefox, which has none, a canvas.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FIREFOX } from './browsers.mjs'
import { HEIGHT, PORTRAIT, WIDTH, y4m } from './films.mjs'

/** Pictures a second. */
const RATE = 5

/** A camera that shows the portrait at these distances from the left, again and again: what `start` and `visit` are given for it. */
export async function camera(t, lefts) {
  if (FIREFOX) {
    const given = { portrait: readFileSync(PORTRAIT).toString('base64'), lefts, width: WIDTH, height: HEIGHT, rate: RATE }
    return { browser: {}, visit: { prepare: (page) => page.addInitScript(canvasForCamera, given) } }
  }
  const folder = mkdtempSync(join(tmpdir(), 'mien-live-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'camera.y4m')
  writeFileSync(path, await y4m(lefts, RATE))
  const args = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${path}`]
  return { browser: { args }, visit: {} }
}

/** Runs in the page, before the site does. */
function canvasForCamera({ portrait, lefts, width, height, rate }) {
  // The empty page before the site's has none.
  if (!navigator.mediaDevices) return
  navigator.mediaDevices.getUserMedia = async () => {
    const bytes = Uint8Array.from(atob(portrait), (letter) => letter.charCodeAt(0))
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    const context = canvas.getContext('2d')
    let number = 0
    const draw = () => {
      context.fillStyle = '#808080'
      context.fillRect(0, 0, width, height)
      context.drawImage(image, lefts[number++ % lefts.length], 0)
    }
    draw()
    const stream = canvas.captureStream(rate)
    const timer = setInterval(() => {
      if (stream.getTracks().every((track) => track.readyState === 'ended')) clearInterval(timer)
      draw()
    }, 1000 / rate)
    return stream
  }
}
