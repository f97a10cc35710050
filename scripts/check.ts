import { spawnSync } from 'node:child_process';
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

let failed = 0;
for (const { name, command, args } of STEPS) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}\n`);
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
