import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { stagerBin } from '../support/cli.ts';
import { createClient } from '../support/http.ts';
import { sha256 } from '../support/photos.ts';
import { cleanEnv, makeTempDir, repoRoot, startTestStack, type TestStack } from '../support/stack.ts';
import { type Bench, result } from './result.ts';

const PHOTOS = 200;
const BYTES = 2 * 1024 * 1024;
/** Rounds of which the best counts, on both sides. */
const ROUNDS = 5;
const CONCURRENCIES = [2, 4, 8, 16, 32];

/** Distinct JPEGs of 2 MB, their picture noise; comment segments bring each to its size. */
async function makePhotos(dir: string, round: number): Promise<void> {
  mkdirSync(dir);
  const base = await sharp(randomBytes(1000 * 660 * 3), { raw: { width: 1000, height: 660, channels: 3 } })
    .jpeg({ quality: 96 })
    .toBuffer();
  for (let i = 0; i < PHOTOS; i += 1) {
    writeFileSync(join(dir, `photo-${String(i).padStart(3, '0')}.jpg`), fill(base, BYTES, `${round}-${i}`));
  }
}

function fill(jpeg: Buffer, size: number, label: string): Buffer {
  const parts = [jpeg.subarray(0, 2)];
  let missing = size - jpeg.length;
  if (missing < 64) throw new Error(`the noise takes ${jpeg.length} bytes, more than ${size}`);
  while (missing > 0) {
    const length = Math.min(missing, 65_537, missing > 65_537 && missing < 65_545 ? 40_000 : missing);
    const segment = randomBytes(length);
    segment.writeUInt16BE(0xfffe, 0);
    segment.writeUInt16BE(length - 2, 2);
    segment.write(`${label} ${crc32(segment)}`, 4, 'latin1');
    parts.push(segment);
    missing -= length;
  }
  return Buffer.concat([...parts, jpeg.subarray(2)]);
}

function timed(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ ms: number; stdout: string }> {
  const begin = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve({ ms: performance.now() - begin, stdout });
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
    const announced = batch.map((file) => ({
      sha256: sha256(readFileSync(file)),
      size: BYTES,
      contentType: 'image/jpeg',
    }));
    const { body } = await api.post('/v1/uploads', { files: announced });
    for (const [i, ticket] of body.results.entries()) {
      plan.push({ file: batch[i], url: ticket.url, headers: ticket.headers });
    }
  }
  const planFile = join(dir, '..', 'plan.json');
  writeFileSync(planFile, JSON.stringify(plan));
  const script = join(repoRoot, 'tests/bench/upload-baseline.mjs');
  return (await timed([script, planFile, String(concurrency)], process.env)).ms;
}

/** Bytes of photos that the store has taken, from its log. */
function bytesTaken(stack: TestStack): number {
  const lines = readFileSync(join(stack.dataDir, 'logs', 'api.log'), 'utf8').split('\n');
  return lines.reduce((sum, line) => {
    if (!line.includes('"method":"PUT"') || !line.includes('"status":200')) return sum;
    return sum + Number(/"bytes":(\d+)/.exec(line)?.[1] ?? 0);
  }, 0);
}

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
      const bare: number[] = [];
      let again = Number.NaN;
      for (let round = 0; round < ROUNDS; round += 1) {
        const dir = join(work, `round-${round}`);
        await makePhotos(dir, round);
        const concurrency = CONCURRENCIES[round % CONCURRENCIES.length] ?? 4;
        bare.push(await bareRun(stack, dir, concurrency));
        // The baseline left its bytes unfinalized, so that all of them are new to us.
        ours.push((await timed([stagerBin, 'upload', dir, '--json'], env)).ms);
        if (round === ROUNDS - 1) {
          const before = bytesTaken(stack);
          await timed([stagerBin, 'upload', dir, '--json'], env);
          again = bytesTaken(stack) - before;
          if (before < PHOTOS * BYTES) throw new Error(`the store's log accounts for ${before} bytes only`);
        }
        rmSync(dir, { recursive: true });
      }
      const megabytes = (PHOTOS * BYTES) / 1e6;
      const speed = (ms: number[]) => megabytes / (Math.min(...ms) / 1000);
      return [
        result('upload', 'MB/s', speed(ours), speed(bare), '>= 0.7'),
        result('photo bytes of an unchanged second run', 'bytes', again, null, '<= 0'),
      ];
    } finally {
      await stack.stop();
      rmSync(work, { recursive: true, force: true });
    }
  },
};
