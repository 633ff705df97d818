// What the adapter can do at most: products and additions of numbers that it holds, and numbers read and written in a row.

const THREADS = 64;
/** A measurement lasts about this long. */
const SECONDS = 0.3;

/** Sixteen sums that do not wait for one another; `rounds` times a multiplication and an addition each. */
const PRODUCTS = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(1) var<uniform> rounds: u32;
@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) at: vec3u) {
  let by = vec4f(f32(at.x) * 1e-9 + 0.999);
  let plus = vec4f(1e-3);
  var a = by; var b = by + plus; var c = b + plus; var d = c + plus;
  for (var round = 0u; round < rounds; round++) {
    a = fma(a, by, plus); b = fma(b, by, plus); c = fma(c, by, plus); d = fma(d, by, plus);
  }
  out[at.x] = a + b + c + d;
}`;

const COPY = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(1) var<storage, read> given: array<vec4f>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) at: vec3u) {
  out[at.x] = given[at.x] + vec4f(1.0);
}`;

/** { gflops, gigabytes } a second, or null where there is no adapter. */
export async function peak() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return null;
  const device = await adapter.requestDevice();
  device.pushErrorScope("validation");
  try {
    const found = { gflops: await products(device), gigabytes: await copies(device) };
    const error = await device.popErrorScope();
    if (error) throw new Error(error.message);
    return found;
  } finally {
    device.destroy();
  }
}

async function products(device) {
  const workgroups = 1024;
  const out = device.createBuffer({ size: 16 * THREADS * workgroups, usage: GPUBufferUsage.STORAGE });
  const uniform = device.createBuffer({ size: 4, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
  const run = runner(device, PRODUCTS, [out, uniform], [workgroups]);
  const best = await longEnough(64, async (rounds) => {
    device.queue.writeBuffer(uniform, 0, new Uint32Array([rounds]));
    return run(1);
  });
  return (32 * THREADS * workgroups * best.size) / best.seconds / 1e9;
}

async function copies(device) {
  const workgroups = device.limits.maxComputeWorkgroupsPerDimension;
  const size = 16 * THREADS * workgroups;
  const [out, from] = [0, 1].map(() => device.createBuffer({ size, usage: GPUBufferUsage.STORAGE }));
  const run = runner(device, COPY, [out, from], [workgroups]);
  const best = await longEnough(1, run);
  return (2 * size * best.size) / best.seconds / 1e9;
}

/** Resolves to the seconds that so many runs of a shader take. */
function runner(device, code, buffers, workgroups) {
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return async (times) => {
    const began = performance.now();
    const encoder = device.createCommandEncoder();
    for (let time = 0; time < times; time += 1) {
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...workgroups);
      pass.end();
    }
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - began) / 1e3;
  };
}

/** Doubles `size` until it takes long enough, then takes the fastest of three: { size, seconds }. */
async function longEnough(size, run) {
  await run(size);
  let seconds = await run(size);
  while (seconds < SECONDS && size < 1 << 24) {
    size *= 2;
    seconds = await run(size);
  }
  return { size, seconds: Math.min(seconds, await run(size), await run(size)) };
}
