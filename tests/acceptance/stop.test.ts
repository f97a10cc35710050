import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { Stager } from '@stager/sdk';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  cleanEnv,
  makeTempDir,
  repoRoot,
  spawnStack,
  startTestStack,
  type TestStack,
} from '../support/stack.ts';
import { fillStackData } from '../support/stackData.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = realpathSync(makeTempDir('stager-stop'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));

/** Processes that write to a log of this data, or whose data it is; Linux only. */
function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(
      (pid) => Number.isInteger(pid) && [`cwd`, `fd/1`, `fd/2`].some((link) => leadsInto(pid, link, folder)),
    );
}

function leadsInto(pid: number, link: string, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/${link}`).startsWith(folder);
  } catch {
    return false;
  }
}

async function ended(stack: ChildProcess): Promise<number | null> {
  if (stack.exitCode === null && stack.signalCode === null) await once(stack, 'exit');
  return stack.exitCode;
}

/** What it has printed so far, for the message of a test that fails. */
function collectOutput(stack: ChildProcess): () => string {
  let text = '';
  for (const stream of [stack.stdout, stack.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  return () => text;
}

const TRIES = 5;
/** The last that a start writes. */
const isReady = () => existsSync(join(dataDir, 'env'));

/**
 * Starts a stack, and acts as soon as it has come so far that a file is there. On a machine that stood still meanwhile it is
 * ready by then: once more, on no data.
 * @returns its exit code
 */
async function amidTheStart(
  begin: () => ChildProcess,
  file: string,
  act: (stack: ChildProcess) => void,
): Promise<number | null> {
  for (let tried = 1; ; tried += 1) {
    const stack = begin();
    const output = collectOutput(stack);
    onTestFinished(async () => {
      stack.kill('SIGTERM');
      await ended(stack);
    });
    const isThere = () => existsSync(join(dataDir, file)) || stack.exitCode !== null;
    await expect.poll(isThere, { interval: 2 }).toBe(true);
    act(stack);
    const code = await ended(stack);
    if (code === 130) return code;
    if (tried === TRIES || !isReady()) throw new Error(`it ended with ${code}:\n${output()}`);
    rmSync(dataDir, { recursive: true });
    mkdirSync(dataDir);
  }
}

const postmaster = (): number =>
  Number.parseInt(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10);

describe.runIf(process.platform === 'linux')(
  'a stop in the middle of the start leaves nothing running',
  () => {
    test.each([
      ['the database is being made', 'postgres.secrets.json', true],
      ['the database starts', 'postgres/postmaster.pid', true],
      // By then all is made that a later start finds.
      ['the processes load', 'logs/worker.log', false],
      ['the issuer is up', 'issuer.sqlite', true],
    ])('when %s', async (_name, file, again) => {
      const interrupt = (stack: ChildProcess) => stack.kill('SIGINT');
      expect(await amidTheStart(() => spawnStack(dataDir), file, interrupt)).toBe(130);
      expect(processesOf(dataDir)).toEqual([]);
      if (!again) return;

      const next = await startTestStack({ dataDir });
      expect((await fetch(`${next.apiUrl}/readyz`)).status).toBe(200);
      expect(await next.stop()).toBe(0);
      expect(processesOf(dataDir)).toEqual([]);
    });

    test('told through its launcher alone', async () => {
      const args = [join(repoRoot, 'scripts/dev.mjs'), '--data', dataDir, '--port', '0'];
      const installed = { STAGER_INSTALLED: resolve(repoRoot), STAGER_CONFIG_DIR: join(dataDir, 'config') };
      const launch = () =>
        spawn(process.execPath, args, { stdio: 'ignore', env: { ...cleanEnv(), ...installed } });
      expect(await amidTheStart(launch, 'logs/worker.log', (launcher) => launcher.kill('SIGINT'))).toBe(130);
      expect(processesOf(dataDir)).toEqual([]);
    });

    test('told by a terminal that is gone, and takes no words any more', async () => {
      const hangUp = (stack: ChildProcess) => {
        // What it writes from now on fails, as on a terminal that was closed.
        stack.stdout?.destroy();
        stack.stderr?.destroy();
        stack.kill('SIGHUP');
      };
      expect(await amidTheStart(() => spawnStack(dataDir), 'postgres/postmaster.pid', hangUp)).toBe(130);
      expect(processesOf(dataDir)).toEqual([]);
    });

    test('the second signal ends it at once', async () => {
      const stack = spawnStack(dataDir);
      await expect
        .poll(() => existsSync(join(dataDir, 'postgres/postmaster.pid')), { interval: 2 })
        .toBe(true);
      stack.kill('SIGINT');
      stack.kill('SIGTERM');
      expect(await ended(stack)).toBe(130);
      await expect.poll(() => processesOf(dataDir)).toEqual([]);
    });
  },
);

/** The first start is looked at above. */
async function startOnMade(env: Record<string, string> = {}): Promise<TestStack> {
  await fillStackData(dataDir);
  return startTestStack({ dataDir, env });
}

test('a stop in order waits neither for who follows events nor for open connections', async () => {
  // Longer than the supervisor waits: an API that sat it out would be killed, and could not say goodbye.
  const stack = await startOnMade({ STAGER_DRAIN_SECONDS: '600' });
  const connections = new Agent({ keepAlive: true, keepAliveMsecs: 60_000 });
  const keptOpen = get(`${stack.apiUrl}/livez`, { agent: connections });
  const [answer] = await once(keptOpen, 'response');
  answer.resume();
  const unused = connect(Number(new URL(stack.apiUrl).port), '127.0.0.1');
  await once(unused, 'connect');
  const stream = new Stager({ baseUrl: stack.apiUrl, token: await stack.token() }).events();
  expect((await stream.next()).value?.type).toBe('snapshot');
  const following = stream.next();
  expect(await stack.stop()).toBe(0);
  expect(readFileSync(join(dataDir, 'logs/api.log'), 'utf8')).toContain('api stopped');
  stream.close();
  expect((await following).done).toBe(true);
  connections.destroy();
  unused.destroy();
});

describe.runIf(process.platform === 'linux')('a stop while the database is being started again', () => {
  test.each([0, 230])('%i ms after it was killed', async (ms) => {
    const stack = await startOnMade();
    process.kill(postmaster(), 'SIGKILL');
    await expect.poll(() => stack.output()).toContain('PostgreSQL ended');
    const at = performance.now() + ms;
    await expect.poll(() => performance.now() > at, { interval: 2 }).toBe(true);
    expect(await stack.stop()).toBe(0);
    expect(processesOf(dataDir)).toEqual([]);
  });

  test('a restart that fails is tried again', async () => {
    const stack = await startOnMade();
    const configuration = join(dataDir, 'postgres/postgresql.conf');
    const text = readFileSync(configuration, 'utf8');
    writeFileSync(configuration, `${text}\nno_such_setting = 1\n`);
    process.kill(postmaster(), 'SIGKILL');
    await expect.poll(() => stack.output()).toContain('no_such_setting');
    writeFileSync(configuration, text);
    await expect
      .poll(async () => (await fetch(`${stack.apiUrl}/readyz`).catch(() => undefined))?.status)
      .toBe(200);
    expect(await stack.stop()).toBe(0);
    expect(processesOf(dataDir)).toEqual([]);
  });
});
