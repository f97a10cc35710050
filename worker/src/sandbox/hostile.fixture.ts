import { writeSync } from 'node:fs';
import { access, link, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FINISH } from '@stager/server/core/engines/finish';
import {
  type Engine,
  type EngineContext,
  EngineError,
  type EngineInput,
  type EngineResult,
} from '../engines/types.ts';
import { encodeLine, WIRE_FD } from './protocol.ts';

/** A registry for tests: engines that do what a sandbox is there for. The pool is given it in place of the real one. */

/** Id of the first job that a place gets. */
const FIRST_JOB = 1;

type Run = (input: EngineInput, context: EngineContext) => Promise<EngineResult>;

function param(input: EngineInput, name: string): string {
  return String(input.params[name] ?? '');
}

function oneOutput(path: string): EngineResult {
  return {
    outputs: [{ name: 'finished', path, contentType: 'image/jpeg', width: 1, height: 1 }],
    info: { pid: process.pid },
  };
}

async function write({ workDir }: EngineContext): Promise<EngineResult> {
  const path = join(workDir, 'finished.jpg');
  await writeFile(path, 'pixels');
  return oneOutput(path);
}

/** Tells the pid, and gives the socket a chance to send it. */
async function announce({ progress }: EngineContext): Promise<void> {
  progress(0, String(process.pid));
  await delay(20);
}

/** The wire does not block: when it is full, it says so. */
async function writeSome(text: string): Promise<void> {
  try {
    writeSync(WIRE_FD, text);
  } catch {
    await delay(1);
  }
}

const kept: unknown[] = [];

const RUNS: Readonly<Record<string, Run>> = {
  honest: async (_, context) => {
    context.progress(0.5, 'half');
    return write(context);
  },
  /** Ends when a file appears. */
  wait: async (input, context) => {
    await announce(context);
    for (;;) {
      if (
        await access(param(input, 'until')).then(
          () => true,
          () => false,
        )
      )
        return write(context);
      await delay(5);
    }
  },
  environment: async (_, context) => ({
    ...(await write(context)),
    info: { env: { ...process.env } as Record<string, string>, cwd: process.cwd(), argv: process.execArgv },
  }),
  exit: async () => process.exit(7),
  abort: async () => process.abort(),
  /** Never gives the event loop a turn again, not even to tell its pid; that is why it writes to the wire itself. */
  loop: async () => {
    const stage = String(process.pid);
    writeSync(WIRE_FD, encodeLine({ type: 'progress', id: FIRST_JOB, fraction: 0, stage }));
    for (;;) kept.length = 0;
  },
  hang: async (_, context) => {
    await announce(context);
    return delay(3_600_000, oneOutput(''));
  },
  buffers: async (_, context) => {
    await announce(context);
    for (;;) {
      kept.push(Buffer.alloc(8 * 1024 * 1024, 1));
      // Not so fast that it takes all memory of a machine on which its parent has no turn for a second.
      await delay(10);
    }
  },
  heap: async () => {
    for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
  },
  grow: async (_, context) => {
    kept.push(Buffer.alloc(120 * 1024 * 1024, 1));
    return write(context);
  },
  throws: async () => {
    throw new TypeError('secret detail', { cause: new Error('the cause') });
  },
  refuses: async () => {
    throw new EngineError('image_corrupt', 'The photo is damaged.', { hint: 'Export it anew.' });
  },
  outside: async (input) => oneOutput(param(input, 'path')),
  symlink: async (input, { workDir }) => {
    await symlink(param(input, 'path'), join(workDir, 'finished.jpg'));
    return oneOutput(join(workDir, 'finished.jpg'));
  },
  hardlink: async (input, { workDir }) => {
    await link(param(input, 'path'), join(workDir, 'finished.jpg'));
    return oneOutput(join(workDir, 'finished.jpg'));
  },
  swap: async (input, { workDir }) => {
    await rename(workDir, `${workDir}-old`);
    await symlink(param(input, 'path'), workDir);
    return oneOutput(join(workDir, 'secret.txt'));
  },
  directory: async (_, { workDir }) => {
    await mkdir(join(workDir, 'finished.jpg'));
    return oneOutput(join(workDir, 'finished.jpg'));
  },
  empty: async (_, { workDir }) => {
    await writeFile(join(workDir, 'finished.jpg'), '');
    return oneOutput(join(workDir, 'finished.jpg'));
  },
  twice: async (_, context) => {
    const { outputs, info } = await write(context);
    return { outputs: [...outputs, ...outputs], info };
  },
  nothing: async () => ({ outputs: [], info: {} }),
  garbage: async () => {
    writeSync(WIRE_FD, '{"type":"gift"}\n');
    return delay(3_600_000, oneOutput(''));
  },
  /** One line without an end. */
  flood: async () => {
    for (;;) await writeSome('x'.repeat(64 * 1024));
  },
  chatter: async (_, { progress }) => {
    for (;;) {
      progress(0.5, 'talking');
      await delay(0);
      for (let i = 0; i < 1000; i++) progress(0.5, 'talking');
    }
  },
};

export async function loadEngine(name: string): Promise<Engine> {
  if (name === 'inline')
    return { descriptor: { ...FINISH, place: 'inline' }, run: async (_, context) => write(context) };
  const run = RUNS[name];
  if (!run) throw new EngineError('unknown_engine', `No engine ${name}.`);
  return { descriptor: FINISH, run };
}
