// Serves a folder on loopback as a careful static host would: `node tools/serve.mjs [folder]`.
// PORT chooses the port (8080), BASE the path the site stands under ("/").

import { createReadStream } from 'node:fs'
import { readFile, realpath, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.safetensors': 'application/octet-stream',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

/** The policy the page states about itself, so that the header can never say something else. */
async function policyOf(root) {
  const html = await readFile(join(root, 'index.html'), 'utf8')
  return html.match(/<meta[^>]+http-equiv="Content-Security-Policy"[^>]+content="([^"]+)"/is)?.[1].replace(/\s+/g, ' ').trim()
}

/** The file a URL path names, or nothing: also where the path, or a link it follows, leaves the folder. */
async function fileAt(root, base, path) {
  if (!path.startsWith(base) || path.includes('\0')) return
  const named = join(root, path.slice(base.length))
  const file = await realpath(path.endsWith('/') ? join(named, 'index.html') : named)
  const inside = file.startsWith(root + sep)
  return inside && (await stat(file)).isFile() ? file : undefined
}

/** Serves `folder` under `base` (begins and ends with "/"); resolves to `{ url, close }`. Port 0 takes a free one. */
export async function serve({ folder, port = 0, base = '/' }) {
  const root = await realpath(folder)
  const policy = await policyOf(root)
  const headers = {
    'Cache-Control': 'no-cache',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    ...(policy && { 'Content-Security-Policy': policy }),
  }

  const server = createServer(async (request, response) => {
    const say = (status, text) => response.writeHead(status, { ...headers, 'Content-Type': TYPES['.txt'] }).end(`${text}\n`)
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'Only GET and HEAD are served.')
    try {
      const path = decodeURIComponent(request.url.split('?')[0])
      const file = await fileAt(root, base, path)
      if (!file) return say(404, 'There is no such file.')
      const { size, mtimeMs } = await stat(file)
      const etag = `"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"`
      if (request.headers['if-none-match'] === etag) return response.writeHead(304, { ...headers, ETag: etag }).end()
      const type = TYPES[extname(file)] ?? 'application/octet-stream'
      response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': size, ETag: etag })
      if (request.method === 'HEAD') return response.end()
      createReadStream(file).on('error', () => response.destroy()).pipe(response)
    } catch {
      say(404, 'There is no such file.')
    }
  })
  await new Promise((resolve, reject) => server.on('error', reject).listen(port, '127.0.0.1', resolve))
  const close = () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve)))
  return { url: `http://127.0.0.1:${server.address().port}${base}`, close }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { PORT = '8080', BASE = '/' } = process.env
  try {
    const { url } = await serve({ folder: process.argv[2] ?? 'dist', port: Number(PORT), base: BASE })
    console.log(`Mien is at ${url} (Ctrl-C ends it).`)
  } catch (error) {
    const why = error.code === 'EADDRINUSE' ? `port ${PORT} is taken: try another, as in \`make serve PORT=8081\`` : error.message
    console.error(`Cannot serve the site: ${why}`)
    process.exit(1)
  }
}
