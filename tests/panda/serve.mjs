// Serves a folder on loopback to whatever page asks, for the browser tests: `node tests/panda/serve.mjs FOLDER PORT`.

import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const [folder, port] = process.argv.slice(2)

createServer((request, response) => {
  // Two names at most: nothing outside of the folder can be meant.
  const path = request.url.match(/^\/([\w-]+\/)?[\w.-]+$/)?.[0]
  const file = path && join(folder, path)
  if (!file || path.includes('..') || !existsSync(file)) return response.writeHead(404, { 'Access-Control-Allow-Origin': '*' }).end()
  response.writeHead(200, { 'Access-Control-Allow-Origin': '*' })
  createReadStream(file).pipe(response)
}).listen(Number(port), '127.0.0.1')
