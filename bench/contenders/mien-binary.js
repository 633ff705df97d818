import init from "../pkg/bench.js";

/** Loads Mien's side: as the site does, without relaxed SIMD where the browser has none. */
export async function load() {
  const binary = (name) => ({ module_or_path: new URL(`../pkg/${name}`, import.meta.url) });
  await init(binary("bench_bg.wasm")).catch((error) => {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    return init(binary("bench_plain_bg.wasm"));
  });
}
