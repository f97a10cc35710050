import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repoRoot } from '../support/stack.ts';

const document = readFileSync(join(repoRoot, 'docs/security.md'), 'utf8');

interface Threat {
  readonly threat: string;
  /** File and name of each test that is said to show it. */
  readonly tests: readonly (readonly [file: string, name: string])[];
}

/** The rows of tables whose last column is "shown by". */
function threatsOf(text: string): Threat[] {
  const sections = text.slice(text.indexOf('## Threats'), text.indexOf('## What an operator decides'));
  return sections
    .split('\n')
    .filter((line) => /^\| (?!threat|-)/.test(line))
    .map((line) => {
      const [threat = '', , shown = ''] = line.slice(2, -2).split(' | ');
      return { threat, shown };
    })
    .map(({ threat, shown }) => ({
      threat,
      tests: shown.split(';').flatMap((part) => {
        const file = /`([^`]+)`/.exec(part)?.[1] ?? 'none';
        return [...part.matchAll(/“([^”]+)”/g)].map((match) => [file, match[1] ?? ''] as const);
      }),
    }));
}

describe('the threat model', () => {
  const threats = threatsOf(document);

  test('has threats', () => {
    expect(threats.length).toBeGreaterThan(25);
  });

  test.each(threats.map((one) => [one.threat, one] as const))(
    '%s: its tests are there',
    (_threat, { tests }) => {
      expect(tests.length).toBeGreaterThan(0);
      for (const [file, name] of tests) {
        expect(existsSync(join(repoRoot, file)), file).toBe(true);
        const named = readFileSync(join(repoRoot, file), 'utf8').includes(name);
        expect(named, `${file} has no test “${name}”`).toBe(true);
        // A file that no suite runs would show nothing; the words of the matrix are run by its test.
        expect(file).toMatch(/\.test\.ts$|^tests\/(conformance\/\w+|security\/matrix)\.ts$/);
      }
    },
  );

  test('names settings that exist', () => {
    const configuration = readFileSync(join(repoRoot, 'docs/configuration.md'), 'utf8');
    const settings = new Set(document.match(/STAGER_[A-Z_]+/g));
    for (const name of settings) expect(configuration).toContain(`\`${name}\``);
  });
});
