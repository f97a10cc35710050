import type { Room } from '../scene/types.ts';
import { Blur } from './blur.ts';
import { coarsen, type Photo } from './coarse.ts';
import { applyShadow, Grain, type Layers, layOver } from './composite.ts';
import { Environment } from './environment.ts';
import { solveLighting } from './exposure.ts';
import type { createKernel } from './kernel/kernel.ts';
import { measureLook } from './look.ts';
import { Mask } from './mask.ts';
import { Receiver } from './receiver.ts';
import { frameOf, type Piece, Scene } from './scene.ts';
import { Shader } from './shader.ts';
import { traceShadow } from './shadow.ts';
import { ShadowMap, smoothShadow } from './shadowMap.ts';
import { Shell } from './shell.ts';
import { Finisher, Strip } from './strip.ts';
import { type Frame, View } from './view.ts';

export interface RenderInput {
  /** Upright. A preview is one of a smaller photo: the quality says only how carefully its pixels are made. */
  readonly photo: Photo;
  readonly room: Room;
  readonly pieces: readonly Piece[];
  readonly quality: 'preview' | 'final';
  /** The same input and seed give the same bytes. */
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** From 0 to 1. */
  readonly progress?: (fraction: number) => void;
  /** Another kernel for the same rays. */
  readonly makeKernel?: typeof createKernel;
  /** Rows of the photo that are made at once; the picture does not depend on it. */
  readonly rows?: number;
}

export interface Rendered extends Layers {
  /** Millimetres along the line of sight to furniture, 0 where there is none. */
  readonly depth: Uint16Array;
  readonly report: Report;
}

export interface Report {
  /** Radiance of the lights where the photo's white is 1; held between 0.3 and 40. */
  readonly lightScale: number;
  /** That were found in the photo; 0 when one was supposed outside of it. */
  readonly windows: number;
  /** Plain places of floor and walls that the light was fitted to. */
  readonly anchors: number;
  /** Whether the photo shows from where it shines. */
  readonly sun: boolean;
  readonly rays: number;
  readonly triangles: number;
  /** Of the picture, 0 to 1. */
  readonly furnitureShare: number;
  readonly shadowShare: number;
  /** Milliseconds. */
  readonly stages: Readonly<Record<Stage, number>>;
}

type Stage = 'prepare' | 'mask' | 'shadow' | 'shade' | 'filter' | 'composite';

const SAMPLES = { preview: 4, final: 8 };
const SHADOW_SAMPLES = { preview: 16, final: 24 };
const ROWS = 96;
/** Share of the time that goes into shadows, for the progress. */
const SHADOW_SHARE = 0.3;

/** Puts furniture into a photo. Memory beside photo and result is that of a few rows. */
export async function render(input: RenderInput): Promise<Rendered> {
  const clock = new StageClock();
  const studio = prepare(input);
  clock.end('prepare');
  const { width, height, data } = input.photo;
  const mask = new Mask(studio.shader, studio.frame, width, height);
  clock.end('mask');
  const result = {
    picture: Uint8Array.from(data),
    furniture: new Uint8Array(width * height),
    shadow: new Uint8Array(width * height),
    depth: new Uint16Array(width * height),
  };
  const shadowRays = await castShadows(input, studio, mask, result, clock);
  await paintFurniture(input, studio, mask, result, clock);
  // A pixel is one or the other.
  for (let n = 0; n < result.shadow.length; n += 1) if (result.furniture[n] !== 0) result.shadow[n] = 0;
  const { lighting, scene, shader } = studio;
  return {
    ...result,
    report: {
      lightScale: lighting.scale,
      windows: lighting.lamps.lights.filter(({ seen }) => seen).length,
      anchors: lighting.anchors,
      sun: lighting.sun !== undefined,
      rays: shadowRays + shader.rays,
      triangles: scene.triangles.length / 3,
      furnitureShare: shareOf(result.furniture),
      shadowShare: shareOf(result.shadow),
      stages: clock.times,
    },
  };
}

/** Everything that is made once: the camera, the room, the furniture in it, and the light. */
function prepare({ photo, room, pieces, quality, seed, makeKernel }: RenderInput) {
  const view = new View(room, photo.width, photo.height);
  const shell = new Shell(room);
  const scene = new Scene(pieces, makeKernel);
  const coarse = coarsen(photo);
  const environment = new Environment(coarse, view, shell);
  const lighting = solveLighting(coarse, view, room, environment);
  const shader = new Shader(view, scene, environment, lighting, { samples: SAMPLES[quality], seed });
  const isFloor = (x: number, z: number) => environment.hasFloorHue(x, z);
  const receiver = new Receiver(room, view, shell, scene.boxes, isFloor);
  const frame = frameOf(scene.boxes, view);
  return { view, scene, environment, lighting, shader, receiver, frame, look: measureLook(photo) };
}

type Studio = ReturnType<typeof prepare>;

/** @returns rays that were traced */
async function castShadows(
  input: RenderInput,
  studio: Studio,
  mask: Mask,
  layers: Layers,
  clock: StageClock,
): Promise<number> {
  const { photo, quality, seed, rows = ROWS } = input;
  const map = new ShadowMap(studio.view);
  const samples = SHADOW_SAMPLES[quality];
  const options = { ...studio, samples, seed, covered: (x: number, y: number) => mask.covers(x, y) };
  let rays = 0;
  for (let y = 0; y < map.height; y += rows) {
    rays += traceShadow(map, y, Math.min(map.height, y + rows), options);
    await rest(input, (SHADOW_SHARE * y) / map.height);
  }
  smoothShadow(map);
  clock.end('shadow');
  const { view, environment, lighting } = studio;
  const surfaceAt = (u: number, v: number) => {
    view.aim(u, v);
    environment.shell.hit(0, view.eye, 0, view.x, view.y, view.z);
    return environment.shell.surface;
  };
  applyShadow(photo, map, layers, surfaceAt, lighting.sun?.shade);
  clock.end('composite');
  return rays;
}

async function paintFurniture(
  input: RenderInput,
  { shader, frame, look }: Studio,
  mask: Mask,
  result: Layers & Pick<Rendered, 'depth'>,
  clock: StageClock,
): Promise<void> {
  const { photo, seed, rows = ROWS } = input;
  const [left, top, right, bottom] = frame;
  if (right <= left || bottom <= top) return;
  const width = right - left;
  const margin = Finisher.MARGIN + Blur.radiusOf(look.blur);
  const strip = new Strip(width, rows + 2 * margin);
  const finisher = new Finisher(width, strip.rows);
  const blur = new Blur(look.blur, finisher.colour.length);
  const alpha = new Float32Array(strip.alpha.length);
  const grain = new Grain(seed);
  let made = top;
  // The first rows of the first strip lie above the frame and stay empty.
  for (let start = top; start < bottom; start += rows) {
    const first = start - margin;
    if (start > top) strip.advance(rows);
    const end = Math.min(bottom, first + strip.rows);
    shadeRows(shader, mask, strip, first, made, end, frame);
    made = end;
    clock.end('shade');
    finisher.finish(strip);
    alpha.set(strip.alpha);
    blur.run(finisher.colour, width, strip.rows, 3);
    blur.run(alpha, width, strip.rows, 1);
    clock.end('filter');
    const layer = { left, width, colour: finisher.colour, alpha };
    for (let y = start; y < Math.min(bottom, start + rows); y += 1) {
      layOver(layer, y - first, y, photo.width, result, look, grain);
      strip.copyDepth(y - first, result.depth, y * photo.width + left);
    }
    clock.end('composite');
    await rest(input, SHADOW_SHARE + ((1 - SHADOW_SHARE) * (start - top)) / (bottom - top));
  }
}

function shadeRows(
  shader: Shader,
  mask: Mask,
  strip: Strip,
  first: number,
  from: number,
  to: number,
  [left, , right]: Frame,
): void {
  for (let y = from; y < to; y += 1)
    for (let x = left; x < right; x += 1) {
      if (!mask.has(x, y)) continue;
      shader.pixel(x, y);
      if (shader.alpha > 0) strip.take((y - first) * strip.width + x - left, shader);
    }
}

/** Tells of progress and lets messages in, so that a signal arrives. */
async function rest({ signal, progress }: RenderInput, fraction: number): Promise<void> {
  progress?.(fraction);
  await new Promise((done) => setImmediate(done));
  signal?.throwIfAborted();
}

class StageClock {
  readonly times: Record<Stage, number> = {
    prepare: 0,
    mask: 0,
    shadow: 0,
    shade: 0,
    filter: 0,
    composite: 0,
  };
  #last = performance.now();

  end(stage: Stage): void {
    const now = performance.now();
    this.times[stage] += now - this.#last;
    this.#last = now;
  }
}

function shareOf(mask: Uint8Array): number {
  let count = 0;
  for (let n = 0; n < mask.length; n += 1) if (mask[n] !== 0) count += 1;
  return count / mask.length;
}
