import { f32, i32 } from './at.ts';
import { BLOCK, type Bvh, NODE } from './bvh.ts';
import type { Kernel } from './kernel.ts';

const round = Math.fround;
// The constants of intersect.as, where they are explained.
const WIDER = round(1.0000004);
const LEAST = round(-1e-5);
const MOST = round(1 + round(1e-5));
const NEAREST = round(1e-4);

/** The kernel without WebAssembly: the same steps in the same order, every one rounded to 32 bits, so the same hits. */
export function createPlainKernel({ nodes, blocks }: Bvh): Kernel {
  const children = new Int32Array(nodes.buffer, nodes.byteOffset, nodes.length);
  const ids = new Int32Array(blocks.buffer, blocks.byteOffset, blocks.length);
  const codes = new Int32Array(512);
  const entries = new Float32Array(512);
  const hit = new Float32Array(3);

  function trace(
    x: number,
    y: number,
    z: number,
    toX: number,
    toY: number,
    toZ: number,
    far: number,
    any: boolean,
  ): number {
    const ox = round(x);
    const oy = round(y);
    const oz = round(z);
    const dx = round(toX);
    const dy = round(toY);
    const dz = round(toZ);
    const ix = round(1 / dx);
    const iy = round(1 / dy);
    const iz = round(1 / dz);
    const nearX = dx < 0 ? 4 : 0;
    const nearY = dy < 0 ? 12 : 8;
    const nearZ = dz < 0 ? 20 : 16;
    const farX = 4 - nearX;
    const farY = 20 - nearY;
    const farZ = 36 - nearZ;
    let best = round(far);
    let found = -1;
    let top = 1;
    codes[0] = 0;
    entries[0] = 0;
    while (top > 0) {
      top -= 1;
      if (f32(entries, top) > best) continue;
      const code = i32(codes, top);
      if (code >= 0) {
        const node = code * NODE;
        const base = top;
        for (let lane = 0; lane < 4; lane += 1) {
          const at = node + lane;
          const nx = round(round(f32(nodes, at + nearX) - ox) * ix);
          const ny = round(round(f32(nodes, at + nearY) - oy) * iy);
          const nz = round(round(f32(nodes, at + nearZ) - oz) * iz);
          const fx = round(round(f32(nodes, at + farX) - ox) * ix);
          const fy = round(round(f32(nodes, at + farY) - oy) * iy);
          const fz = round(round(f32(nodes, at + farZ) - oz) * iz);
          const near = Math.max(Math.max(nx, ny), Math.max(nz, 0));
          const limit = Math.min(Math.min(fx, fy), Math.min(fz, best));
          if (!(near <= round(limit * WIDER))) continue;
          let place = top;
          while (place > base && f32(entries, place - 1) < near) {
            codes[place] = i32(codes, place - 1);
            entries[place] = f32(entries, place - 1);
            place -= 1;
          }
          codes[place] = i32(children, node + 24 + lane);
          entries[place] = near;
          top += 1;
        }
        continue;
      }
      const block = ~code * BLOCK;
      const limit = best;
      for (let lane = block; lane < block + 4; lane += 1) {
        const e1x = f32(blocks, lane + 12);
        const e1y = f32(blocks, lane + 16);
        const e1z = f32(blocks, lane + 20);
        const e2x = f32(blocks, lane + 24);
        const e2y = f32(blocks, lane + 28);
        const e2z = f32(blocks, lane + 32);
        const px = round(round(dy * e2z) - round(dz * e2y));
        const py = round(round(dz * e2x) - round(dx * e2z));
        const pz = round(round(dx * e2y) - round(dy * e2x));
        const inverse = round(1 / dot(e1x, px, e1y, py, e1z, pz));
        const tx = round(ox - f32(blocks, lane));
        const ty = round(oy - f32(blocks, lane + 4));
        const tz = round(oz - f32(blocks, lane + 8));
        const u = round(dot(tx, px, ty, py, tz, pz) * inverse);
        if (!(u >= LEAST)) continue;
        const qx = round(round(ty * e1z) - round(tz * e1y));
        const qy = round(round(tz * e1x) - round(tx * e1z));
        const qz = round(round(tx * e1y) - round(ty * e1x));
        const v = round(dot(dx, qx, dy, qy, dz, qz) * inverse);
        if (!(v >= LEAST && round(u + v) <= MOST)) continue;
        const t = round(dot(e2x, qx, e2y, qy, e2z, qz) * inverse);
        if (!(t > NEAREST && t < limit && t < best)) continue;
        const id = i32(ids, lane + 36);
        if (any) {
          if (id >= 0) return 1;
          continue;
        }
        best = t;
        found = id & 0x7fffffff;
        hit[0] = t;
        hit[1] = u;
        hit[2] = v;
      }
    }
    return any ? 0 : found;
  }

  return {
    kind: 'plain',
    hit,
    closest: (ox, oy, oz, dx, dy, dz, far) => trace(ox, oy, oz, dx, dy, dz, far, false),
    occluded: (ox, oy, oz, dx, dy, dz, far) => trace(ox, oy, oz, dx, dy, dz, far, true) === 1,
  };
}

function dot(ax: number, bx: number, ay: number, by: number, az: number, bz: number): number {
  return round(round(round(ax * bx) + round(ay * by)) + round(az * bz));
}
