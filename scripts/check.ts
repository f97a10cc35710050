import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/bootstrap.mjs';

const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const STEPS: readonly { name: string; command: string; args: string[] }[] = [
  { name: 'format, lint, import rules', command: bin('biome'), args: ['check', '--error-on-warnings', '.'] },
  { name: 'types', command: bin('tsc'), args: ['-p', 'tsconfig.json'] },
  {
    name: 'generated files',
    command: process.execPath,
    args: ['--conditions=stager-dev', join(root, 'scripts/generate.ts'), '--check'],
  },
];

/** Steps whose number another one has as well: their order would be one of chance. */
function doubledSteps(): string[] {
  const numbers = readdirSync(join(root, 'migrations')).flatMap((name) => /^\d{4}/.exec(name)?.[0] ?? []);
  return numbers.filter((number, at) => numbers.indexOf(number) !== at);
}

let failed = 0;
const doubled = doubledSteps();
process.stdout.write(
  `${doubled.length === 0 ? 'ok    ' : 'FAILED'} numbers of migrations ${doubled.join(' ')}\n`,
);
if (doubled.length > 0) failed += 1;
for (const { name, command, args } of STEPS) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}\n`);
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
