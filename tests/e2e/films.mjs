// Films of the portrait, which moves from left to right: for a camera (YUV4MPEG2), and as a file (WebM).

import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

/** A portrait in the public domain, 512 x 512. `make weights` makes it. */
export const PORTRAIT = join(process.env.MIEN_CACHE ?? join(homedir(), '.cache/mien'), 'weights/check/astronaut.png')

/** Height and width of the films, pixels. */
export const [WIDTH, HEIGHT] = [640, 512]

/** A film for Chromium's fake camera, `rate` pictures a second: the portrait at these distances from the left. */
export async function y4m(lefts, rate) {
  const pictures = await draw(lefts, async (canvas, context, width, height) => {
    const rgba = context.getImageData(0, 0, width, height).data
    return new Blob([rgba])
  })
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${rate}:1 Ip A1:1 C420jpeg\n`)]
  for (const picture of pictures) parts.push(Buffer.from('FRAME\n'), planes(picture))
  return Buffer.concat(parts)
}

/** The same as a file that a browser plays: VP8 in WebM, `rate` pictures a second; `null` is a picture without the portrait. */
export async function webm(lefts, rate) {
  const pictures = await draw(lefts, async (canvas, context, width, height, number) => {
    const chunks = []
    const encoder = new VideoEncoder({ output: (chunk) => chunks.push(chunk), error: (error) => { throw error } })
    encoder.configure({ codec: 'vp8', width, height, bitrate: 4e6, framerate: 25 })
    const frame = new VideoFrame(canvas, { timestamp: number * 1000 })
    // Each by itself: a film can then be wound to any of them at once.
    encoder.encode(frame, { keyFrame: true })
    frame.close()
    await encoder.flush()
    const bytes = new Uint8Array(chunks[0].byteLength)
    chunks[0].copyTo(bytes)
    return new Blob([bytes])
  })
  return Buffer.concat(container(pictures, rate))
}

/** What `picture` makes of each of the pictures, in a page of its own. */
async function draw(lefts, picture) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    // Only such a page has encoders.
    await page.route('https://films.test/', (route) => route.fulfill({ contentType: 'text/html', body: '' }))
    await page.goto('https://films.test/')
    const portrait = `data:image/png;base64,${readFileSync(PORTRAIT).toString('base64')}`
    const made = await page.evaluate(
      async ({ portrait, lefts, picture, width, height }) => {
        const make = new Function(`return ${picture}`)()
        const image = new Image()
        image.src = portrait
        await image.decode()
        const canvas = new OffscreenCanvas(width, height)
        const context = canvas.getContext('2d', { willReadFrequently: true })
        const base64 = (blob) => new Promise((done) => {
          const reader = new FileReader()
          reader.onload = () => done(reader.result.split(',')[1])
          reader.readAsDataURL(blob)
        })
        const made = []
        for (const [number, left] of lefts.entries()) {
          context.fillStyle = '#808080'
          context.fillRect(0, 0, width, height)
          if (left !== null) context.drawImage(image, left, 0)
          made.push(await base64(await make(canvas, context, width, height, number)))
        }
        return made
      },
      { portrait, lefts, picture: picture.toString(), width: WIDTH, height: HEIGHT },
    )
    return made.map((text) => Buffer.from(text, 'base64'))
  } finally {
    await browser.close()
  }
}

/** RGBA as luma and two chroma planes of half the size (ITU-R BT.601, whole range). */
function planes(rgba) {
  const size = WIDTH * HEIGHT
  const [luma, blue, red] = [new Uint8Array(size), new Uint8Array(size / 4), new Uint8Array(size / 4)]
  for (let place = 0; place < size; place++) {
    const [r, g, b] = rgba.subarray(4 * place, 4 * place + 3)
    luma[place] = Math.round(0.299 * r + 0.587 * g + 0.114 * b)
    const [x, y] = [place % WIDTH, Math.floor(place / WIDTH)]
    if (x % 2 || y % 2) continue
    const half = (y / 2) * (WIDTH / 2) + x / 2
    blue[half] = Math.min(255, Math.round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b))
    red[half] = Math.min(255, Math.round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b))
  }
  return Buffer.concat([luma, blue, red])
}

/** WebM (RFC 9559, Matroska) around pictures that stand by themselves: one cluster for each second, and an index. */
function container(pictures, rate) {
  const time = (number) => Math.round((number * 1000) / rate)
  const header = element(0x1a45dfa3, [uint(0x4286, 1), uint(0x42f7, 1), uint(0x42f2, 4), uint(0x42f3, 8), text(0x4282, 'webm'), uint(0x4287, 2), uint(0x4285, 2)])
  const info = element(0x1549a966, [uint(0x2ad7b1, 1e6), float(0x4489, time(pictures.length)), text(0x4d80, 'mien'), text(0x5741, 'mien')])
  const video = element(0xe0, [uint(0xb0, WIDTH), uint(0xba, HEIGHT)])
  const tracks = element(0x1654ae6b, [element(0xae, [uint(0xd7, 1), uint(0x73c5, 1), uint(0x83, 1), text(0x86, 'V_VP8'), video])])
  const clusters = []
  for (let first = 0; first < pictures.length; first += rate) {
    const block = (picture, number) => {
      const head = Buffer.from([0x81, 0, 0, 0x80])
      head.writeInt16BE(time(first + number) - time(first), 1)
      return element(0xa3, [Buffer.concat([head, picture])])
    }
    clusters.push(element(0x1f43b675, [uint(0xe7, time(first)), ...pictures.slice(first, first + rate).map(block)]))
  }
  // The index has one length whatever the places are: four bytes each.
  const index = (places) => element(0x1c53bb6b, places.map((place, number) =>
    element(0xbb, [uint(0xb3, time(number * rate), 4), element(0xb7, [uint(0xf7, 1), uint(0xf1, place, 4)])])))
  let place = Buffer.concat([info, tracks, index(clusters.map(() => 0))]).length
  const places = clusters.map((cluster) => (place += cluster.length) - cluster.length)
  return [header, element(0x18538067, [info, tracks, index(places), ...clusters])]
}

function element(id, parts) {
  const data = Buffer.concat(parts)
  const name = Buffer.from(id.toString(16).padStart(id > 0xffffff ? 8 : id > 0xffff ? 6 : id > 0xff ? 4 : 2, '0'), 'hex')
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(data.length) | (1n << 56n))
  return Buffer.concat([name, size, data])
}

function uint(id, value, bytes = 0) {
  const data = Buffer.alloc(8)
  data.writeBigUInt64BE(BigInt(value))
  const from = bytes ? 8 - bytes : data.findIndex((byte) => byte !== 0)
  return element(id, [data.subarray(from < 0 ? 7 : from)])
}

function float(id, value) {
  const data = Buffer.alloc(8)
  data.writeDoubleBE(value)
  return element(id, [data])
}

const text = (id, value) => element(id, [Buffer.from(value)])
