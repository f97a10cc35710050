import { type FakeApi, type FakeApiOptions, startFakeApi } from '@stager/sdk/testing';
import { onTestFinished } from 'vitest';
import { type Spoken, speak } from './inProcess.ts';
import { type RunOptions, type RunResult, run } from './run.ts';
import { tempDir } from './tempDir.ts';

export interface Bench {
  readonly api: FakeApi;
  /** Folder of its own, in which commands run. */
  readonly dir: string;
  /** Runs `stager` with a token for the fake API. */
  stager(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** As `stager`, in the process of the test: many times as fast, without a stdin and without what Node itself prints. */
  speak(args: readonly string[]): Promise<Spoken>;
  json(
    args: readonly string[],
    options?: RunOptions,
  ): Promise<{ code: number | null; body: unknown; stderr: string }>;
}

/** A fake API and a folder for one test. */
export async function setUp(options: FakeApiOptions = {}): Promise<Bench> {
  const api = await startFakeApi(options);
  onTestFinished(() => api.close());
  const dir = tempDir();
  const own = { STAGER_API_URL: api.url, STAGER_TOKEN: 'any', STAGER_CONFIG_DIR: `${dir}/.config` };
  const stager = (args: readonly string[], { env, ...rest }: RunOptions = {}) =>
    run(args, { cwd: dir, env: { ...own, ...env }, ...rest });
  return {
    api,
    dir,
    stager,
    async speak(args) {
      const before = process.cwd();
      process.chdir(dir);
      try {
        return await speak(args, own);
      } finally {
        process.chdir(before);
      }
    },
    async json(args, runOptions) {
      const { code, stdout, stderr } = await stager([...args, '--json'], runOptions);
      return { code, stderr, body: JSON.parse(stdout) };
    },
  };
}
