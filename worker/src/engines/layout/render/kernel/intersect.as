/*
 * AssemblyScript, compiled by `npm run generate` into wasm.ts. Nearest and any hit of a ray in the tree of bvh.ts, four boxes
 * and four triangles at a time. plain.ts does the same steps in the same order and gives the same bits.
 *
 * Memory: 0 t, u, v of the hit; 64 scratch; 1024 stack; 8192 nodes, then blocks.
 */

const SCRATCH: usize = 64;
const STACK: usize = 1024;
const NODES: usize = 8192;
const NODE_BYTES: usize = 112;
const BLOCK_BYTES: usize = 160;
/** Rounding of three products and quotients. */
const WIDER: f32 = 1.0000004;
/** Neighbours share an edge but not its rounding. */
const EDGE: f32 = 1e-5;
const NEAREST: f32 = 1e-4;

let blocks: usize = 0;

export function setBlocks(address: usize): void {
  blocks = address;
}

export function closest(ox: f32, oy: f32, oz: f32, dx: f32, dy: f32, dz: f32, far: f32): i32 {
  return trace(ox, oy, oz, dx, dy, dz, far, false);
}

export function occluded(ox: f32, oy: f32, oz: f32, dx: f32, dy: f32, dz: f32, far: f32): i32 {
  return trace(ox, oy, oz, dx, dy, dz, far, true);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function trace(ox: f32, oy: f32, oz: f32, dx: f32, dy: f32, dz: f32, far: f32, any: bool): i32 {
  const vox = f32x4.splat(ox), voy = f32x4.splat(oy), voz = f32x4.splat(oz);
  const vdx = f32x4.splat(dx), vdy = f32x4.splat(dy), vdz = f32x4.splat(dz);
  const ix = f32x4.splat(<f32>1 / dx), iy = f32x4.splat(<f32>1 / dy), iz = f32x4.splat(<f32>1 / dz);
  const nearX: usize = dx < 0 ? 16 : 0, nearY: usize = dy < 0 ? 48 : 32, nearZ: usize = dz < 0 ? 80 : 64;
  const farX: usize = 16 - nearX, farY: usize = 80 - nearY, farZ: usize = 144 - nearZ;
  const zero = f32x4.splat(0), one = f32x4.splat(1), wider = f32x4.splat(WIDER);
  const least = f32x4.splat(-EDGE), most = f32x4.splat(<f32>1 + EDGE), start = f32x4.splat(NEAREST);
  let best = far;
  let found: i32 = -1;
  let top: usize = STACK;
  store<i32>(top, 0);
  store<f32>(top, 0, 4);
  top += 8;
  while (top > STACK) {
    top -= 8;
    if (load<f32>(top, 4) > best) continue;
    const code = load<i32>(top);
    if (code >= 0) {
      const node = NODES + <usize>code * NODE_BYTES;
      const nx = f32x4.mul(f32x4.sub(v128.load(node + nearX), vox), ix);
      const ny = f32x4.mul(f32x4.sub(v128.load(node + nearY), voy), iy);
      const nz = f32x4.mul(f32x4.sub(v128.load(node + nearZ), voz), iz);
      const fx = f32x4.mul(f32x4.sub(v128.load(node + farX), vox), ix);
      const fy = f32x4.mul(f32x4.sub(v128.load(node + farY), voy), iy);
      const fz = f32x4.mul(f32x4.sub(v128.load(node + farZ), voz), iz);
      const near = f32x4.max(f32x4.max(nx, ny), f32x4.max(nz, zero));
      const limit = f32x4.min(f32x4.min(fx, fy), f32x4.min(fz, f32x4.splat(best)));
      let mask = i32x4.bitmask(f32x4.le(near, f32x4.mul(limit, wider)));
      if (mask == 0) continue;
      v128.store(SCRATCH, near);
      const base = top;
      while (mask != 0) {
        const lane = <usize>ctz(mask);
        mask &= mask - 1;
        const entry = load<f32>(SCRATCH + (lane << 2));
        const child = load<i32>(node + 96 + (lane << 2));
        let at = top;
        // The nearest lies on top.
        while (at > base && load<f32>(at - 8, 4) < entry) {
          store<i64>(at, load<i64>(at - 8));
          at -= 8;
        }
        store<i32>(at, child);
        store<f32>(at, entry, 4);
        top += 8;
      }
      continue;
    }
    const block = blocks + <usize>~code * BLOCK_BYTES;
    const e1x = v128.load(block, 48), e1y = v128.load(block, 64), e1z = v128.load(block, 80);
    const e2x = v128.load(block, 96), e2y = v128.load(block, 112), e2z = v128.load(block, 128);
    const px = f32x4.sub(f32x4.mul(vdy, e2z), f32x4.mul(vdz, e2y));
    const py = f32x4.sub(f32x4.mul(vdz, e2x), f32x4.mul(vdx, e2z));
    const pz = f32x4.sub(f32x4.mul(vdx, e2y), f32x4.mul(vdy, e2x));
    const det = f32x4.add(f32x4.add(f32x4.mul(e1x, px), f32x4.mul(e1y, py)), f32x4.mul(e1z, pz));
    const inverse = f32x4.div(one, det);
    const tx = f32x4.sub(vox, v128.load(block, 0));
    const ty = f32x4.sub(voy, v128.load(block, 16));
    const tz = f32x4.sub(voz, v128.load(block, 32));
    const u = f32x4.mul(f32x4.add(f32x4.add(f32x4.mul(tx, px), f32x4.mul(ty, py)), f32x4.mul(tz, pz)), inverse);
    const qx = f32x4.sub(f32x4.mul(ty, e1z), f32x4.mul(tz, e1y));
    const qy = f32x4.sub(f32x4.mul(tz, e1x), f32x4.mul(tx, e1z));
    const qz = f32x4.sub(f32x4.mul(tx, e1y), f32x4.mul(ty, e1x));
    const v = f32x4.mul(f32x4.add(f32x4.add(f32x4.mul(vdx, qx), f32x4.mul(vdy, qy)), f32x4.mul(vdz, qz)), inverse);
    const t = f32x4.mul(f32x4.add(f32x4.add(f32x4.mul(e2x, qx), f32x4.mul(e2y, qy)), f32x4.mul(e2z, qz)), inverse);
    const inside = v128.and(
      v128.and(f32x4.ge(u, least), f32x4.ge(v, least)),
      v128.and(
        f32x4.le(f32x4.add(u, v), most),
        v128.and(f32x4.gt(t, start), f32x4.lt(t, f32x4.splat(best))),
      ),
    );
    let mask = i32x4.bitmask(inside);
    if (mask == 0) continue;
    if (any) {
      // The sign is set on what light goes through.
      if ((mask & ~i32x4.bitmask(v128.load(block, 144))) != 0) return 1;
      continue;
    }
    v128.store(SCRATCH, t);
    v128.store(SCRATCH, u, 16);
    v128.store(SCRATCH, v, 32);
    while (mask != 0) {
      const lane = <usize>ctz(mask) << 2;
      mask &= mask - 1;
      const distance = load<f32>(SCRATCH + lane);
      if (distance < best) {
        best = distance;
        found = load<i32>(block + lane, 144) & 0x7fffffff;
        store<f32>(0, distance);
        store<f32>(0, load<f32>(SCRATCH + lane, 16), 4);
        store<f32>(0, load<f32>(SCRATCH + lane, 32), 8);
      }
    }
  }
  return any ? 0 : found;
}
