import { setTimeout as sleep } from 'node:timers/promises';
import { Stager } from '@stager/sdk';
import { lookAtRound, lookForWork } from './facts.ts';
import { FAULTS, type Fault } from './faults.ts';
import { type Field, openField } from './field.ts';
import { judgeRound } from './judge.ts';
import { lookForLeaks } from './leaks.ts';
import { makePhotos } from './photos.ts';
import { type Random, randomFor } from './random.ts';
import { openReader, type Reader } from './reader.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** Photos in work during each fault. */
  readonly images: number;
  /** Names, or parts of them. Default: all. */
  readonly only?: readonly string[] | undefined;
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  readonly rounds: readonly {
    readonly fault: string;
    readonly ms: number;
    readonly errors: number;
    readonly wrong: readonly string[];
  }[];
  readonly left: readonly string[];
}

/** All photos of a round have to end within this. */
const ROUND_MAX_MS = 300_000;
/** What is said of a failed round. */
const LINES_MAX = 10;

/** One system, one fault after the other, each amid photos in work, and a look at everything behind each. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, images, only, say } = options;
  const chosen = FAULTS.filter(({ name }) => !only || only.some((part) => name.includes(part)));
  const field = await openField();
  const rounds: ChaosResult['rounds'][number][] = [];
  const left: string[] = [];
  try {
    for (const fault of chosen) {
      const began = performance.now();
      const { wrong, errors, moments } = await runRound(field, fault, options);
      const ms = Math.round(performance.now() - began);
      rounds.push({ fault: fault.name, ms, errors, wrong });
      const verdict = wrong.length === 0 ? 'ok    ' : 'FAILED';
      const struck = `struck at ${moments.join(', ')} of ${2 * images}`;
      say(
        `${verdict} ${fault.name}: ${images} images, ${errors} in error, ${struck}, ${(ms / 1000).toFixed(1)} s`,
      );
      for (const line of wrong.slice(0, LINES_MAX)) say(`       ${line}`);
      if (wrong.length > LINES_MAX) say(`       and ${wrong.length - LINES_MAX} more`);
      if (wrong.length > 0)
        say(`       Again: npm run chaos -- --seed ${seed} --images ${images} --only '${fault.name}'`);
    }
  } finally {
    left.push(...(await field.close()));
  }
  for (const line of left) say(`FAILED at the end: ${line}`);
  return { rounds, left };
}

async function runRound(field: Field, fault: Fault, { seed, images }: ChaosOptions) {
  const random = randomFor(seed, fault.name);
  const token = await field.stack.token();
  // A client of a bulk job outlives an outage.
  const stager = new Stager({ baseUrl: field.stack.apiUrl, token, maxRetries: 30 });
  const known = new Set((await field.query<{ id: string }>('SELECT id FROM images')).map(({ id }) => id));
  const sources = await makePhotos(seed, FAULTS.indexOf(fault), images);
  const reader = await openReader(stager);
  const upload = startUpload(stager, sources);
  const wrong: string[] = [];
  const moments = chooseMoments(random, fault.times ?? 1, images);
  try {
    for (const moment of moments) {
      await upload.until(moment, reader);
      await fault.run({ field, random, over: () => upload.over });
    }
  } catch (error) {
    wrong.push(`the fault itself: ${error instanceof Error ? error.message : error}`);
  }
  wrong.push(...(await upload.ended));
  await serving(field);
  await settled(() => lookForWork(field));
  const [head] = await field.query<{ seq: string }>('SELECT max(seq) AS seq FROM event_heads');
  await reader.until(Number(head?.seq ?? 0));
  await reader.close();
  const facts = await lookAtRound(field, reader, upload.created, known);
  wrong.push(...reader.faults, ...judgeRound(facts, fault.allowed ?? {}));
  wrong.push(...(await settled(() => lookForLeaks(field))));
  return { wrong, moments, errors: facts.images.filter(({ state }) => state === 'error').length };
}

/**
 * When a fault strikes, counted in what the photos have been through: made is one step of a photo, its end another. So a
 * seed means the same moments on a slow machine as on a quick one, and half of the work is still to be done.
 */
export function chooseMoments(random: Random, times: number, images: number): number[] {
  return Array.from({ length: times }, () => 1 + Math.floor(random() * images)).sort((a, b) => a - b);
}

/** One upload of all photos, as `stager upload --wait` makes it. */
function startUpload(stager: Stager, sources: Awaited<ReturnType<typeof makePhotos>>) {
  const created: string[] = [];
  const lost: string[] = [];
  let over = false;
  const staged = (async () => {
    const signal = AbortSignal.timeout(ROUND_MAX_MS);
    for await (const event of stager.stage(sources, { engine: 'finish', wait: true, reuse: false, signal })) {
      if (event.type === 'created') created.push(event.imageId);
      else if (event.type === 'rejected' || (event.type === 'failed' && event.imageId === undefined))
        lost.push(`${event.file}: ${event.error.message}`);
    }
  })();
  const ended = staged
    .catch((error: unknown) => {
      lost.push(`the client gave up: ${error instanceof Error ? error.message : error}`);
    })
    .then(() => {
      over = true;
      if (created.length !== sources.length)
        lost.push(`${created.length} of ${sources.length} images were made`);
      return lost;
    });
  return {
    created,
    ended,
    get over() {
      return over;
    },
    async until(moment: number, { heard }: Pick<Reader, 'heard'>) {
      const isEnd = ({ type }: { type: string }) => type === 'image.ready' || type === 'image.error';
      while (!over && created.length + heard.filter(isEnd).length < moment) await sleep(2);
    },
  };
}

const BACK_MS = 120_000;

/** A fault may strike when the last photo has ended: what is looked at afterwards is a system that has come back. */
async function serving(field: Field): Promise<void> {
  const end = performance.now() + BACK_MS;
  for (;;) {
    try {
      await field.query('SELECT 1');
      if ((await fetch(`${field.stack.apiUrl}/readyz`)).status === 200) return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    if (performance.now() > end)
      throw new Error(`the API was not ready within ${BACK_MS / 1000} s of the fault`);
    await sleep(50);
  }
}

const SETTLE_MS = 60_000;

/** Waits for nothing to be left; answers with what is left when it takes too long. */
async function settled(look: () => Promise<string[]>): Promise<string[]> {
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const left = await look();
    if (left.length === 0 || performance.now() > end) return left;
    await sleep(50);
  }
}
