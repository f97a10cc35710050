import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { KEY, startRig } from './testing.ts';

function run(dir: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const script = fileURLToPath(new URL('main.ts', import.meta.url));
  return new Promise((done) => {
    execFile(
      process.execPath,
      ['--conditions=stager-dev', script, ...args, '--data', dir],
      (error, out, err) => done({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'stager-strings-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('the strings are pulled from a terminal', async () => {
  const dir = folder();
  const { fake, stripe } = await startRig();
  writeFileSync(
    join(dir, 'env'),
    `export STAGER_DEV_PAYMENTS='${fake.url}'\nexport STAGER_DEV_PAYMENTS_KEY='${KEY}'\n`,
  );
  const customer = await stripe.customers.create({ name: 'Elm' });
  expect(await run(dir, 'trigger', 'customer.updated')).toMatchObject({ code: 0, err: '' });
  expect((await stripe.events.list({ type: 'customer.updated' })).data).toHaveLength(1);
  expect((await run(dir, 'trigger')).out).toContain('invoice.payment_failed');
  const before = fake.world.clock.now();
  await run(dir, 'advance', '3d');
  expect(fake.world.clock.now()).toBeGreaterThanOrEqual(before + 3 * 86_400);
  expect((await run(dir, 'card', 'fails_later', '--customer', customer.id)).out).toContain('0341');
  expect((await run(dir, 'customers')).out).toContain(customer.id);
  expect(await run(dir, 'advance', 'soon')).toMatchObject({
    code: 1,
    err: expect.stringContaining('3d, 2w or 1mo'),
  });
});

test('what cannot be is said with the way out', async () => {
  const dir = folder();
  expect(await run(dir, 'customers')).toMatchObject({ code: 1, err: expect.stringContaining('npm run dev') });
  expect(await run(dir, 'dance')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Usage: npm run stripe'),
  });
  writeFileSync(
    join(dir, 'env'),
    `export STAGER_DEV_PAYMENTS='http://127.0.0.1:1'\nexport STAGER_DEV_PAYMENTS_KEY='k'\n`,
  );
  expect(await run(dir, 'customers')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Nothing answers'),
  });
});
