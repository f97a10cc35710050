import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { buildBvh } from '../../worker/src/engines/layout/render/kernel/bvh.ts';
import { createKernel, type Kernel, steer } from '../../worker/src/engines/layout/render/kernel/kernel.ts';
import { createPlainKernel } from '../../worker/src/engines/layout/render/kernel/plain.ts';
import { Scene } from '../../worker/src/engines/layout/render/scene.ts';
import { View } from '../../worker/src/engines/layout/render/view.ts';
import { repoRoot } from '../support/stack.ts';
import { reading } from './engine-reading.ts';
import { benchPieces, benchRoom } from './engine-scene.ts';
import { type Bench, best, type Result, result } from './result.ts';

const ROUNDS = 3;
/** Rays of one measurement of a kernel. */
const RAYS = 400_000;

const Measured = z.object({
  /** Seconds of processor, and by the clock. */
  cpu: z.number(),
  wall: z.number(),
  /** Of the same photo merely decoded, resized and encoded. */
  sharp: z.number(),
  megabytes: z.number(),
  furniture: z.number(),
  stages: z.record(z.string(), z.number()),
});
type Measured = z.infer<typeof Measured>;

/** A picture in a process of its own, as a worker makes it. */
async function measure(quality: string, cover: string): Promise<Measured> {
  const child = spawn(
    process.execPath,
    ['--conditions=stager-dev', join(repoRoot, 'tests/bench/engine-run.ts'), quality, cover],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise((done, failed) => child.once('close', done).once('error', failed));
  if (code !== 0) throw new Error(`the picture ended with ${code}`);
  return Measured.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}

/** The one that was disturbed least. */
async function quickest(quality: string, cover: string): Promise<Measured> {
  const runs: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1) runs.push(await measure(quality, cover));
  return runs.reduce((least, one) => (one.cpu < least.cpu ? one : least));
}

/**
 * Final pictures that so many processes make at once. Not previews: of those a tenth of the work is V8's own compiling,
 * which a process that is alone does on the second core.
 */
async function perMinute(processes: number): Promise<number> {
  const begin = performance.now();
  await Promise.all(Array.from({ length: processes }, () => measure('final', '40')));
  return (60_000 * processes) / (performance.now() - begin);
}

function report(name: string, run: Measured, goal: string): Result[] {
  const total = Object.values(run.stages).reduce((sum, ms) => sum + ms, 0);
  const percent = (part: number) => Math.round(100 * part);
  return [
    // The goal is of the time itself, beside which that of sharp is printed.
    result(`${name}, furniture on ${percent(run.furniture)} %, processor`, 's', run.cpu, null, goal),
    result(`${name}, by the clock`, 's', run.wall, run.sharp, null),
    result(`${name}, memory`, 'MB', run.megabytes, null, '<= 450'),
    ...Object.entries(run.stages).map(([stage, ms]) =>
      result(`${name}, share of ${stage}`, '%', percent(ms / total), null, null),
    ),
  ];
}

type Ray = readonly [number, number, number, number, number, number];

function raysFor(scene: Scene, view: View): { primary: Ray[]; bounce: Ray[] } {
  const primary: Ray[] = [];
  const bounce: Ray[] = [];
  const side = Math.ceil(Math.sqrt(RAYS));
  for (let n = 0; n < RAYS; n += 1) {
    view.aim(((n % side) / side) * view.width, (Math.floor(n / side) / side) * view.height);
    primary.push([0, view.eye, 0, view.x, view.y, view.z]);
  }
  for (const [ox, oy, oz, dx, dy, dz] of primary) {
    if (scene.kernel.closest(ox, oy, oz, dx, dy, dz, 1e4) < 0) continue;
    const t = (scene.kernel.hit[0] ?? 0) - 0.002;
    const h = 1 - ((2 * bounce.length * 0.618034) % 2);
    const ring = Math.sqrt(Math.max(0, 1 - h * h));
    const around = bounce.length * 2.399963;
    const to = [steer(ring * Math.cos(around)), steer(Math.abs(h)), steer(ring * Math.sin(around))] as const;
    bounce.push([ox + t * dx, oy + t * dy, oz + t * dz, ...to]);
  }
  return { primary, bounce };
}

/** Millions a second. */
function rate(rays: readonly Ray[], trace: (ray: Ray) => unknown): number {
  const rates = Array.from({ length: 5 }, () => {
    const begin = process.cpuUsage();
    for (const ray of rays) trace(ray);
    const { user, system } = process.cpuUsage(begin);
    return rays.length / (user + system);
  });
  return best(rates);
}

function kernels(): Result[] {
  const scene = new Scene(benchPieces('40'));
  const room = benchRoom();
  const { primary, bounce } = raysFor(scene, new View(room, room.width, room.height));
  const bvh = buildBvh(scene.positions, scene.triangles);
  const [simd, plain] = [createKernel(bvh), createPlainKernel(bvh)];
  const nearest =
    (kernel: Kernel) =>
    ([ox, oy, oz, dx, dy, dz]: Ray) =>
      kernel.closest(ox, oy, oz, dx, dy, dz, 1e4);
  const any =
    (kernel: Kernel) =>
    ([ox, oy, oz, dx, dy, dz]: Ray) =>
      kernel.occluded(ox, oy, oz, dx, dy, dz, 4);
  const times = (value: number, baseline: number) => value / baseline;
  const row = (metric: string, rays: readonly Ray[], trace: typeof nearest | typeof any) =>
    result(metric, 'M rays/s', rate(rays, trace(simd)), rate(rays, trace(plain)), null, times);
  const first = row('primary rays beside the plain kernel', primary, nearest);
  return [
    first,
    result('primary rays', 'M rays/s', first.value, null, '>= 8'),
    row('bounced rays beside the plain kernel', bounce, nearest),
    row('shadow rays beside the plain kernel', bounce, any),
  ];
}

export const engine: Bench = {
  name: 'engine',
  about:
    'the layout engine: how well and fast rooms are read, preview of 0.4 and final of 2 megapixels beside sharp, memory, stages, rays, two at once',
  async run() {
    const preview = await quickest('preview', '40');
    const small = await quickest('final', '15');
    const large = await quickest('final', '40');
    const [one, two]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      one.push(await perMinute(1));
      two.push(await perMinute(2));
    }
    return [
      ...(await reading()),
      ...report('preview', preview, '<= 3'),
      ...report('final', small, '<= 8'),
      ...report('final', large, '<= 20'),
      result('two final pictures at once, beside one', 'a minute', best(two), best(one), '>= 1.8'),
      ...kernels(),
    ];
  },
};
