import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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

/** Guards whose line is not there any more, or not once: nobody would notice that they are gone. */
function lostGuards(): string[] {
  // Checked by the script that runs them.
  const guards: { guard: string; file: string; find: string }[] = JSON.parse(
    readFileSync(join(root, 'tests/guards.json'), 'utf8'),
  );
  return guards.flatMap(({ guard, file, find }) => {
    const places = readFileSync(join(root, file), 'utf8').split(find).length - 1;
    return places === 1 ? [] : [`\n       ${guard}: its line stands ${places} times in ${file}`];
  });
}

let failed = 0;
for (const [name, wrong] of [
  ['numbers of migrations', doubledSteps()],
  ['lines of tests/guards.json', lostGuards()],
] as const) {
  process.stdout.write(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${name} ${wrong.join(' ')}\n`);
  if (wrong.length > 0) failed += 1;
}
for (const { name, command, args } of STEPS) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}\n`);
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
