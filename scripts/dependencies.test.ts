import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './lib/bootstrap.mjs';

const manifests = ['.', 'sdk', 'cli', 'server', 'worker'].map((folder) =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')),
);

/** Names in the first column; `x/*` and `x-*` stand for a family, one package per platform. */
function documented(): string[] {
  const text = readFileSync(join(root, 'docs', 'dependencies.md'), 'utf8');
  return [...text.matchAll(/^\| ([^|]+) \|/gm)]
    .flatMap(([, names = '']) => names.split(', '))
    .map((name) => name.trim())
    .filter((name) => name !== 'package' && !/^-+$/.test(name));
}

test('docs/dependencies.md names every direct dependency, and nothing else', () => {
  const families = documented();
  const matches = (family: string, name: string) =>
    family.endsWith('*') ? name.startsWith(family.slice(0, -1)) : name === family;
  const direct = new Set<string>(
    manifests.flatMap((manifest) =>
      ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((kind) =>
        Object.keys(manifest[kind] ?? {}),
      ),
    ),
  );
  const ours = [...direct].filter((name) => !name.startsWith('@stager/'));
  expect(ours.filter((name) => !families.some((family) => matches(family, name)))).toEqual([]);
  expect(families.filter((family) => !ours.some((name) => matches(family, name)))).toEqual([]);
});
