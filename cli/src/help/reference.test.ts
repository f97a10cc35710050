import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderReference } from './reference.ts';

test('docs/cli.md says what the commands say; `npm run generate` writes it', () => {
  expect(readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')).toBe(renderReference());
});
