import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repoRoot } from '../support/stack.ts';
import { type Bench, median, result } from './result.ts';

const ROUNDS = 21;

function time(args: readonly string[]): number {
  const begin = performance.now();
  const run = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (run.status !== 0) throw new Error(`${args.join(' ')} ended with ${run.status}`);
  return performance.now() - begin;
}

export const start: Bench = {
  name: 'start',
  about: 'the built `stager --help` beside `node -e 0`, in turn',
  async run() {
    const build = spawnSync(process.execPath, [join(repoRoot, 'scripts/build.ts'), 'cli'], {
      stdio: 'ignore',
    });
    if (build.status !== 0) throw new Error('the build failed');
    const help = [join(repoRoot, 'cli/bin/stager.mjs'), '--help'];
    const empty = ['-e', '0'];
    time(help);
    time(empty);
    const helps: number[] = [];
    const empties: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      helps.push(time(help));
      empties.push(time(empty));
    }
    return [result('stager --help', 'ms', median(helps), median(empties), '<= 1.6')];
  },
};
