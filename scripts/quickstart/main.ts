import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { discover } from '../../sdk/src/files/discover.ts';
import { root } from '../lib/bootstrap.mjs';
import { writeContactSheet } from './contactSheet.ts';
import { readUploaded, type Uploaded } from './uploaded.ts';

const DATA = join(root, '.stager', 'quickstart');
const OUT = resolve('staged');
const STAGER = join(root, 'cli', 'bin', 'stager.mjs');

const USAGE = `Usage: npm run quickstart [-- FOLDER]

Takes a folder of room photos (default examples/photos) through the whole system on this machine:
login, upload, worker, events, download. Results are in staged/.`;

/** A step that did not work; what went wrong was printed by the step itself. */
class StepFailed extends Error {}

interface Stack {
  readonly apiUrl: string;
  stop(): Promise<void>;
}

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    say(USAGE);
    return 0;
  }
  if (args.length > 1 || args[0]?.startsWith('-')) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  // npm runs scripts in the clone, wherever it was called.
  const photos = resolve(process.env['INIT_CWD'] ?? '.', args[0] ?? join(root, 'examples', 'photos'));
  const found = statSync(photos, { throwIfNoEntry: false });
  if (!found?.isDirectory()) {
    const trouble = found ? `${photos} is not a folder` : `There is no folder ${photos}`;
    process.stderr.write(`${trouble}. Give a folder of photos.\n`);
    return 2;
  }
  const started = Date.now();
  say('1/4  Starting PostgreSQL, the photo store, the login page, the API and a worker');
  const stack = await startStack();
  try {
    say(`     API at ${stack.apiUrl}`);
    say('\n2/4  Logging in by device code (approved by itself, here only)');
    await stager(stack, ['login']);
    say(`\n3/4  stager upload ${shown(photos)} --wait --out ${shown(OUT)}`);
    const { refused, failed } = await stage(stack, photos);
    say('\n4/4  Contact sheet');
    const sheet = await writeContactSheet(photos, OUT, refused);
    say(`     ${sheet.pairs} photos before and after: ${shown(sheet.file)}`);
    if (failed.length > 0) throw new StepFailed(`Some photos failed:\n${failed.join('\n')}`);
  } finally {
    await stack.stop();
  }
  say(`\nDone in ${Math.round((Date.now() - started) / 1000)} s. Results: ${shown(OUT)}/`);
  say('Everything is stopped. To go on working: npm run dev');
  return 0;
}

/** Furnishes what can be furnished; the photos that are refused are finished instead, so that none comes back empty. */
async function stage(stack: Stack, photos: string): Promise<Uploaded> {
  const upload = async (paths: readonly string[], ...more: string[]) => {
    const args = ['upload', ...paths, '--wait', '--out', OUT, ...more, '--json'];
    return readUploaded((await stager(stack, args, [0, 1])).stdout);
  };
  const first = await upload([photos]);
  say(`     ${first.ready} layout previews: furniture in the room's own perspective and light`);
  if (first.refused.length === 0) return first;
  say(`     ${first.refused.length} refused, and finished instead:`);
  for (const { name, message } of first.refused) say(`     ${name}: ${message}`);
  const second = await upload([await gather(photos, first.refused)], '--engine', 'finish');
  return { ...first, failed: [...first.failed, ...second.failed] };
}

/** A folder with some of the photos, under the names that they have: their results are called by them. */
async function gather(photos: string, wanted: readonly { readonly name: string }[]): Promise<string> {
  const folder = join(DATA, 'refused');
  rmSync(folder, { recursive: true, force: true });
  const names = new Set(wanted.map(({ name }) => name));
  for (const { name, path } of (await discover([photos], OUT)).photos) {
    if (!names.has(name) || path === undefined) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(path, join(folder, name));
  }
  return folder;
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}

/** Credentials and settings of the quickstart stay in its own folder: those of the user are not touched. */
function environment(): NodeJS.ProcessEnv {
  const { STAGER_TOKEN: _token, STAGER_CLIENT_ID: _id, STAGER_CLIENT_SECRET: _secret, ...rest } = process.env;
  return { ...rest, STAGER_CONFIG_DIR: join(DATA, 'config') };
}

async function startStack(): Promise<Stack> {
  mkdirSync(DATA, { recursive: true });
  const child = spawn(
    process.execPath,
    [
      '--conditions=stager-dev',
      join(root, 'server/src/dev/main.ts'),
      '--data',
      DATA,
      '--port',
      '0',
      '--auto-approve',
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: environment(), detached: true },
  );
  const ready = await new Promise<{ apiUrl: string }>((resolveReady, reject) => {
    child.once('exit', () => reject(new StepFailed('The stack did not start; the reason stands above.')));
    child.on('message', (message: unknown) => {
      if (typeof message === 'object' && message !== null && 'apiUrl' in message) {
        resolveReady({ apiUrl: String(message.apiUrl) });
      }
    });
    onInterrupt(child);
  });
  return {
    apiUrl: ready.apiUrl,
    stop: () =>
      new Promise((done) => {
        if (child.exitCode !== null || child.signalCode !== null) return done();
        child.removeAllListeners('exit');
        child.once('exit', () => done());
        child.kill('SIGTERM');
      }),
  };
}

/** The command that runs at this moment. */
let step: ChildProcess | undefined;

/** Ctrl-C: the command and then the stack are stopped in order before we leave. A repeat changes nothing. */
function onInterrupt(stack: ChildProcess): void {
  let asked = false;
  const stop = () => {
    if (asked) return;
    asked = true;
    stack.removeAllListeners('exit');
    stack.once('exit', () => process.exit(130));
    step?.removeAllListeners('close');
    step?.kill('SIGTERM');
    stack.kill('SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
}

/** Runs a command; with `--json` its document comes back, else its words are passed on. */
function stager(stack: Stack, args: readonly string[], allowed: readonly number[] = [0]): Promise<Ended> {
  const isJson = args.includes('--json');
  const child = spawn(process.execPath, [STAGER, ...args], {
    stdio: ['ignore', isJson ? 'pipe' : 'inherit', 'inherit'],
    env: { ...environment(), STAGER_API_URL: stack.apiUrl },
  });
  step = child;
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
  });
  return new Promise((done, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      step = undefined;
      if (code !== null && allowed.includes(code)) done({ code, stdout });
      else reject(new StepFailed(`stager ${args[0]} ended with ${code ?? 'a signal'}.`));
    });
  });
}

rmSync(join(DATA, 'config'), { recursive: true, force: true });
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `${error instanceof StepFailed ? error.message : error instanceof Error ? error.stack : error}\n`,
    );
    process.exit(1);
  },
);
