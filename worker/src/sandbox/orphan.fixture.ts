import { createSandboxPool } from './pool.ts';

/** A parent that starts one job and waits: arguments are the engine and the work directory. Prints the child's pid. */

const [engine = '', workDir = ''] = process.argv.slice(2);
const pool = createSandboxPool({
  size: 1,
  memoryMb: 512,
  registry: new URL('./hostile.fixture.ts', import.meta.url),
});
const input = {
  originalPath: '',
  contentType: 'image/jpeg',
  width: 1,
  height: 1,
  roomType: null,
  style: null,
  seed: 0,
  variation: 0,
  params: {},
};
await pool.run(
  { engine, input, workDir, timeoutMs: 60_000 },
  { onProgress: (_, stage) => process.stdout.write(`${stage}\n`) },
);
