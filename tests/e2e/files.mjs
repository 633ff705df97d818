// Files that tests make up: small pictures, archives, tables.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'

/** A folder of these files (name: bytes or text) that goes when the test `t` ends. */
export function folderOf(t, name, files) {
  const top = mkdtempSync(join(tmpdir(), 'mien-'))
  t.after(() => rmSync(top, { recursive: true }))
  const folder = join(top, name)
  mkdirSync(folder)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** A file as Playwright's `setInputFiles` takes it. */
export function upload(name, content) {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) }
}

/** An archive of these files, stored without compression (PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16). */
export function zip(files) {
  const locals = []
  const centrals = []
  let offset = 0
  for (const [path, content] of Object.entries(files)) {
    const name = Buffer.from(path)
    const bytes = Buffer.from(content)
    // Version needed, flags, method, time, date, checksum, sizes, lengths of name and extra field.
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x21, 8)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(bytes.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(name.length, 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    locals.push(Buffer.from('PK\x03\x04'), common, name, bytes)
    centrals.push(Buffer.from('PK\x01\x02\x14\x00'), common, place, name)
    offset += 30 + name.length + bytes.length
  }
  const central = Buffer.concat(centrals)
  const count = Object.keys(files).length
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(count, 8)
  end.writeUInt16LE(count, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, central, end])
}

/** A gray 8-bit PNG; `shade(x, y)` is 0..255. */
export function grayPng(width, height, shade) {
  const rows = Buffer.alloc(height * (width + 1))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = shade(x, y)
  }
  return png(width, height, 8, rows)
}

/** A blank PNG of 1 bit a pixel: as large as one likes, and small on disk. */
export function blankPng(width, height) {
  return png(width, height, 1, Buffer.alloc(height * (Math.ceil(width / 8) + 1)))
}

function png(width, height, bits, rows) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = bits
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type), content])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(content.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

/** A made-up picture, different for every `seed`, with some structure to learn from. */
export function patternPng(side, seed) {
  return grayPng(side, side, (x, y) => 128 + 100 * Math.sin((x * (1 + (seed % 5)) + y * (1 + (seed % 3)) + seed) / 5))
}

/** A picture of 8 x 8 squares of random shades: no two seeds look alike. */
export function mosaicPng(side, seed) {
  const mixed = (bits) => Math.imul(bits ^ (bits >>> 16), 0x45d9f3b)
  const shade = (x, y) => mixed(mixed(64 * seed + 8 * Math.floor((8 * y) / side) + Math.floor((8 * x) / side) + 1)) >>> 24
  return grayPng(side, side, shade)
}

/** Forty made-up faces of two classes, as a zip. */
export function fortyFaces() {
  const files = {}
  for (const [label, expression] of ['happy', 'sad'].entries()) {
    for (let i = 0; i < 20; i++) files[`${expression}/${i}.png`] = patternPng(48, 100 * label + i)
  }
  return upload('forty.zip', zip(files))
}
