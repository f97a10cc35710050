import { setTimeout as sleep } from 'node:timers/promises';
import { Stager } from '@stager/sdk';
import sharp from 'sharp';
import { checkConnections, checkRound } from './check.ts';
import { FAULTS, type Fault } from './faults.ts';
import { type Field, openField } from './field.ts';
import { createRandom } from './random.ts';

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
const ROUND_MAX_MS = 180_000;

/** One system, one fault after the other, each amid photos in work. The seed decides when each one strikes, and where. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const random = createRandom(options.seed);
  const chosen = FAULTS.filter(
    ({ name }) => !options.only || options.only.some((part) => name.includes(part)),
  );
  const field = await openField(random);
  const rounds: ChaosResult['rounds'][number][] = [];
  let left: string[] = [];
  try {
    for (const [n, fault] of chosen.entries()) {
      const began = performance.now();
      const { wrong, errors } = await runRound(field, fault, { ...options, round: n, random });
      const ms = Math.round(performance.now() - began);
      rounds.push({ fault: fault.name, ms, errors, wrong });
      const verdict = wrong.length === 0 ? 'ok    ' : 'FAILED';
      options.say(
        `${verdict} ${fault.name}: ${options.images} images, ${errors} in error, ${(ms / 1000).toFixed(1)} s`,
      );
      for (const line of wrong.slice(0, 10)) options.say(`       ${line}`);
    }
    left = await checkConnections(field);
  } finally {
    const processes = await field.close();
    left = [...left, ...processes.map((pid) => `process ${pid} is left`)];
  }
  for (const line of left) options.say(`FAILED at the end: ${line}`);
  return { rounds, left };
}

interface Round extends ChaosOptions {
  readonly round: number;
  readonly random: () => number;
}

async function runRound(
  field: Field,
  fault: Fault,
  round: Round,
): Promise<{ wrong: string[]; errors: number }> {
  const stager = new Stager({
    baseUrl: field.stack.apiUrl,
    token: await field.stack.token(),
    // A client of a bulk job outlives an outage.
    maxRetries: 30,
  });
  const follower = followEnds(stager);
  await follower.opened;
  const sources = await makePhotos(round);
  const created: string[] = [];
  const lost: string[] = [];
  let errors = 0;
  const struck = sleep(round.random() * 1_500).then(() => fault.run(field));
  const deadline = AbortSignal.timeout(ROUND_MAX_MS);
  const staged = (async () => {
    for await (const event of stager.stage(sources, { wait: true, reuse: false, signal: deadline })) {
      if (event.type === 'created') created.push(event.imageId);
      if (event.type === 'failed' && event.imageId !== undefined) errors += 1;
      else if (event.type === 'failed' || event.type === 'rejected')
        lost.push(`${event.file}: ${event.error.message}`);
    }
  })();
  const ended = await staged.then(
    () => undefined,
    (error: unknown) => `the client gave up: ${error instanceof Error ? error.message : error}`,
  );
  await struck;
  await serving(field);
  await follower.until(created, 20_000);
  await follower.close();
  const wrong = [
    ...(ended ? [ended] : []),
    ...lost,
    ...(created.length === round.images ? [] : [`${created.length} of ${round.images} images were made`]),
    ...(await checkRound(field, created, follower.ends)),
  ];
  return { wrong, errors };
}

const BACK_MS = 40_000;

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

/** A reader of its own, which hears each image end. */
function followEnds(stager: Stager) {
  const ends: string[] = [];
  const stop = new AbortController();
  const opened = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const event of stager.events({ signal: stop.signal })) {
      if (event.type === 'snapshot') opened.resolve();
      if (event.type === 'image.ready' || event.type === 'image.error') ends.push(event.imageId);
    }
  })().catch((error: unknown) => opened.reject(error));
  return {
    ends,
    opened: opened.promise,
    async until(images: readonly string[], ms: number) {
      const end = performance.now() + ms;
      while (images.some((id) => !ends.includes(id)) && performance.now() < end) await sleep(20);
    },
    async close() {
      stop.abort();
      await reading;
    },
  };
}

/** Small photos, each another one in each round. */
function makePhotos({ seed, round, images }: Round) {
  return Promise.all(
    Array.from({ length: images }, async (_, n) => {
      const background = { r: 100 + (seed % 90), g: 100 + (round % 90), b: 60 + (n % 120) };
      const bytes = await sharp({
        create: { width: 96 + (n % 200), height: 72 + Math.floor(n / 200), channels: 3, background },
      })
        .composite([
          { input: Buffer.from([round, n & 255, n >> 8]), raw: { width: 1, height: 1, channels: 3 } },
        ])
        .png()
        .toBuffer();
      return { name: `round-${round}/photo-${n}.png`, bytes: new Uint8Array(bytes) };
    }),
  );
}
