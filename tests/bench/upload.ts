import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { stagerBin } from '../support/cli.ts';
import { createClient } from '../support/http.ts';
import { sha256 } from '../support/photos.ts';
import { cleanEnv, makeTempDir, repoRoot, startTestStack, type TestStack } from '../support/stack.ts';
import { type Bench, result } from './result.ts';

const PHOTOS = 200;
/** Rounds of which the best counts, on both sides. */
const ROUNDS = 5;
const CONCURRENCIES = [2, 4, 8, 16, 32];

/** Distinct JPEGs of about 2 MB that are noise all over; made once, since that takes longer than all else. */
async function makeNoise(): Promise<Buffer[]> {
  const [width, height] = [1600, 1066];
  const photos: Buffer[] = [];
  for (let i = 0; i < PHOTOS; i += 1) {
    const raw = { width, height, channels: 3 as const };
    photos.push(
      await sharp(randomBytes(width * height * 3), { raw })
        .jpeg({ quality: 96 })
        .toBuffer(),
    );
  }
  return photos;
}

/** A comment behind the start of each makes this round's photos other photos than those of the rounds before. */
function writeRound(dir: string, noise: readonly Buffer[], round: number): number {
  mkdirSync(dir);
  const comment = Buffer.concat([
    Buffer.from([0xff, 0xfe, 0, 12]),
    Buffer.from(String(round).padStart(10, '0')),
  ]);
  let bytes = 0;
  for (const [i, photo] of noise.entries()) {
    const parts = [photo.subarray(0, 2), comment, photo.subarray(2)];
    writeFileSync(join(dir, fileName(i)), Buffer.concat(parts));
    bytes += photo.length + comment.length;
  }
  return bytes;
}

const fileName = (i: number): string => `photo-${String(i).padStart(3, '0')}.jpg`;

interface Run {
  /** Milliseconds since 1970. */
  readonly begunAt: number;
  readonly ms: number;
}

function timed(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const begunAt = Date.now();
  const begin = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve({ begunAt, ms: performance.now() - begin });
      else reject(new Error(`${args[0]} ended with ${code}: ${stdout}`));
    });
  });
}

/** The same bytes to ready-made URLs, by a short script: hashing and asking for the URLs are not timed. */
async function bareRun(stack: TestStack, dir: string, concurrency: number): Promise<number> {
  const api = createClient(stack.apiUrl, await stack.token());
  const files = Array.from({ length: PHOTOS }, (_, i) =>
    join(dir, `photo-${String(i).padStart(3, '0')}.jpg`),
  );
  const plan: unknown[] = [];
  for (let from = 0; from < files.length; from += 100) {
    const batch = files.slice(from, from + 100);
    const announced = batch.map((file) => {
      const bytes = readFileSync(file);
      return { sha256: sha256(bytes), size: bytes.length, contentType: 'image/jpeg' };
    });
    const { body } = await api.post('/v1/uploads', { files: announced });
    for (const [i, ticket] of body.results.entries()) {
      plan.push({ file: batch[i], url: ticket.url, headers: ticket.headers });
    }
  }
  const planFile = join(dir, '..', 'plan.json');
  writeFileSync(planFile, JSON.stringify(plan));
  const script = join(repoRoot, 'tests/bench/upload-baseline.mjs');
  const run = await timed([script, planFile, String(concurrency)], process.env);
  return lastAnswer(stack, 'objects') - run.begunAt;
}

/** A line of the API's log, as far as it is read here. */
interface LogLine {
  readonly time: string;
  readonly operation?: string;
  readonly method?: string;
  readonly status?: number;
  readonly bytes?: number;
}

function answers(stack: TestStack): LogLine[] {
  const lines = readFileSync(join(stack.dataDir, 'logs', 'api.log'), 'utf8')
    .trim()
    .split('\n');
  // What the logger of the API writes.
  return lines.map((line) => JSON.parse(line) as LogLine).filter(({ status }) => status === 200);
}

/** When an operation was last answered, in milliseconds since 1970. */
function lastAnswer(stack: TestStack, operation: string): number {
  const last = answers(stack).findLast((line) => line.operation === operation);
  if (!last) throw new Error(`the API's log knows of no ${operation}`);
  return Date.parse(last.time);
}

/** Bytes of photos that the store has taken. */
function bytesTaken(stack: TestStack): number {
  const puts = answers(stack).filter(({ operation, method }) => operation === 'objects' && method === 'PUT');
  return puts.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
}

/** Both sides from the start of their process to the last answer of the API: to a PUT there, to a finalize here. */
export const upload: Bench = {
  name: 'upload',
  about: `${PHOTOS} photos of 2 MB by \`stager upload\`, beside a bare script that PUTs them to ready-made URLs`,
  async run() {
    const work = makeTempDir('stager-bench-upload');
    // No worker slot: only the way into the system is measured.
    const stack = await startTestStack({ env: { STAGER_WORKER_CONCURRENCY: '0' } });
    try {
      const env = {
        ...cleanEnv(),
        STAGER_API_URL: stack.apiUrl,
        STAGER_TOKEN: await stack.token(),
        STAGER_CONFIG_DIR: join(work, 'config'),
      };
      const ours: number[] = [];
      const whole: number[] = [];
      const bare: number[] = [];
      let again = Number.NaN;
      let bytes = 0;
      const noise = await makeNoise();
      for (let round = 0; round < ROUNDS; round += 1) {
        const dir = join(work, `round-${round}`);
        bytes = writeRound(dir, noise, round);
        const concurrency = CONCURRENCIES[round % CONCURRENCIES.length] ?? 4;
        bare.push(await bareRun(stack, dir, concurrency));
        // The baseline left its bytes unfinalized, so that all of them are new to us.
        const run = await timed([stagerBin, 'upload', dir, '--engine', 'finish', '--json'], env);
        ours.push(lastAnswer(stack, 'finalizeUploads') - run.begunAt);
        whole.push(run.ms);
        if (round === ROUNDS - 1) {
          const before = bytesTaken(stack);
          await timed([stagerBin, 'upload', dir, '--engine', 'finish', '--json'], env);
          again = bytesTaken(stack) - before;
          if (before < bytes) throw new Error(`the store's log accounts for ${before} bytes only`);
        }
        rmSync(dir, { recursive: true });
      }
      const speed = (ms: number[]) => bytes / 1e6 / (Math.min(...ms) / 1000);
      return [
        result('upload', 'MB/s', speed(ours), speed(bare), '>= 0.7'),
        result('the whole command, images queued', 'MB/s', speed(whole), null, null),
        result('photo bytes of an unchanged second run', 'bytes', again, null, '<= 0'),
      ];
    } finally {
      await stack.stop();
      rmSync(work, { recursive: true, force: true });
    }
  },
};
