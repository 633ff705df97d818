// A static server on loopback for the benchmark's own folder.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Serves `root` on a free port: { url, close }. */
export async function serve(root) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://loopback").pathname);
    // `normalize` of an absolute path cannot climb above the root.
    const file = join(root, normalize(path === "/" ? "/index.html" : path));
    const found = await stat(file).catch(() => null);
    const type = TYPES[extname(file)];
    if (!found?.isFile() || !type) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": type, "content-length": found.size });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
