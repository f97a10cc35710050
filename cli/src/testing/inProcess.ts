import { type FakeApi, type FakeApiOptions, startFakeApi } from '@stager/sdk/testing';
import { onTestFinished } from 'vitest';
import { type Context, createContext } from '../context.ts';
import { createIo, type Sink } from '../io/io.ts';
import { main } from '../main.ts';
import type { Env } from '../settings/paths.ts';
import type { Flags } from '../settings/resolve.ts';
import { tempDir } from './tempDir.ts';

/** A stream that keeps what is written to it. */
export class Paper implements Sink {
  readonly isTTY: boolean;
  columns: number;
  text = '';
  /** Called after each write. */
  onWrite: (text: string) => void = () => undefined;

  constructor(isTTY = false, columns = 80) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): void {
    this.text += text;
    this.onWrite(this.text);
  }
}

export interface Desk {
  readonly api: FakeApi;
  readonly dir: string;
  readonly env: Env;
  readonly stdout: Paper;
  readonly stderr: Paper;
  /** Aborting it is Ctrl-C. */
  readonly ctrlC: AbortController;
  /** What an action gets. */
  context(options?: { readonly json?: boolean; readonly flags?: Flags; readonly argv?: string[] }): Context;
}

export interface DeskOptions extends FakeApiOptions {
  /** Whether a person sits at a terminal. */
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly env?: Env;
}

/** What a command needs, in this process, with a fake API: for what a pipe cannot show. */
export async function setUpDesk({ terminal = false, columns, env, ...api }: DeskOptions = {}): Promise<Desk> {
  const fake = await startFakeApi(api);
  onTestFinished(() => fake.close());
  const dir = tempDir();
  const stdout = new Paper(terminal, columns);
  const stderr = new Paper(terminal, columns);
  const all = { STAGER_API_URL: fake.url, STAGER_TOKEN: 'any', STAGER_CONFIG_DIR: `${dir}/.config`, ...env };
  const ctrlC = new AbortController();
  return {
    api: fake,
    dir,
    env: all,
    stdout,
    stderr,
    ctrlC,
    context({ json = false, flags = {}, argv = [] } = {}) {
      const io = createIo({ stdin: { isTTY: terminal }, stdout, stderr }, all, json);
      return createContext({ io, env: all, signal: ctrlC.signal, argv, flags });
    },
  };
}

export interface Spoken {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command line from its words to its exit code, without a process of its own. */
export async function speak(
  args: readonly string[],
  env: Env,
  { terminal = false, columns }: { readonly terminal?: boolean; readonly columns?: number } = {},
): Promise<Spoken> {
  const before = new Map(SIGNALS.map((name) => [name, process.listeners(name)]));
  const stdout = new Paper(terminal, columns);
  const stderr = new Paper(terminal, columns);
  try {
    const code = await main(args, env, { stdin: { isTTY: terminal }, stdout, stderr });
    return { code, stdout: stdout.text, stderr: stderr.text };
  } finally {
    // A process runs one command and ends; here its listeners would pile up.
    for (const [name, kept] of before) {
      for (const listener of process.listeners(name)) {
        if (!kept.includes(listener)) process.off(name, listener);
      }
    }
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
