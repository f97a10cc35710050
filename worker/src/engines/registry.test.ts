import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ENGINES, loadEngine } from './registry.ts';

test('every engine of the catalogue can be loaded, and is the one that was described', async () => {
  for (const descriptor of ENGINES) expect((await loadEngine(descriptor.name)).descriptor).toBe(descriptor);
});

test.each(['nope', 'constructor', ''])('there is no engine %j', async (name) => {
  await expect(loadEngine(name)).rejects.toMatchObject({ code: 'unknown_engine', retryable: false });
});

test('the registry alone does not load native libraries', async () => {
  const script = `await import(${JSON.stringify(new URL('./registry.ts', import.meta.url).href)});
    console.log(process.report.getReport().sharedObjects.filter((path) => /sharp|vips/.test(path)).length);`;
  const args = ['--conditions=stager-dev', '--input-type=module', '--eval', script];
  expect((await promisify(execFile)(process.execPath, args)).stdout.trim()).toBe('0');
});
