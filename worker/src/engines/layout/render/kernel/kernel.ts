import type { Bvh } from './bvh.ts';
import { createPlainKernel } from './plain.ts';
import { WASM } from './wasm.ts';

/** Hits of rays with triangles. No number of a direction may be 0: use `steer`. */
export interface Kernel {
  readonly kind: 'simd' | 'plain';
  /** Of the last `closest` that hit: the distance in lengths of the direction, and the weights of corners 2 and 3. */
  readonly hit: Float32Array;
  /** @returns the triangle that is hit first before `far`, or -1 */
  closest(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, far: number): number;
  /** Whether anything that light does not go through lies before `far`. */
  occluded(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, far: number): boolean;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  setBlocks(address: number): void;
  closest: Kernel['closest'];
  occluded(...ray: Parameters<Kernel['occluded']>): number;
}

const DATA = 8192;
const PAGE = 65_536;

interface Engine {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

// A part of every Node, but only the types of browsers name it.
const { WebAssembly: engine } = globalThis as unknown as { readonly WebAssembly: Engine };

/** Where arithmetic on four numbers at once is missing, the plain kernel answers the same, four to six times slower. */
export function createKernel(bvh: Bvh): Kernel {
  const bytes = Buffer.from(WASM, 'base64');
  return engine.validate(bytes) ? createSimdKernel(bytes, bvh) : createPlainKernel(bvh);
}

function createSimdKernel(bytes: Uint8Array, { nodes, blocks }: Bvh): Kernel {
  // What intersect.as exports.
  const wasm = new engine.Instance(new engine.Module(bytes)).exports as Exports;
  const { memory } = wasm;
  const end = DATA + nodes.byteLength + blocks.byteLength;
  memory.grow(Math.max(0, Math.ceil(end / PAGE) - memory.buffer.byteLength / PAGE));
  new Uint8Array(memory.buffer, DATA).set(bytesOf(nodes));
  new Uint8Array(memory.buffer, DATA + nodes.byteLength).set(bytesOf(blocks));
  wasm.setBlocks(DATA + nodes.byteLength);
  return {
    kind: 'simd',
    hit: new Float32Array(memory.buffer, 0, 3),
    closest: wasm.closest,
    occluded: (ox, oy, oz, dx, dy, dz, far) => wasm.occluded(ox, oy, oz, dx, dy, dz, far) === 1,
  };
}

/** A number of a direction, kept away from 0, where a division would have no end. */
export function steer(component: number): number {
  return component < 0 ? Math.min(component, -1e-9) : Math.max(component, 1e-9);
}

/** Some of the numbers are whole: as floats their bits might change. */
function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
