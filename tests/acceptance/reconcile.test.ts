import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliResult, runCli } from '../support/cli.ts';
import { keysOf } from '../support/keys.ts';
import { logIn } from '../support/person.ts';
import { makeTempDir, repoRoot, startTestStack, type TestStack } from '../support/stack.ts';
import { openStored } from '../support/stored.ts';

let stack: TestStack;
let stored: Awaited<ReturnType<typeof openStored>>;
let dir: string;
beforeAll(async () => {
  stack = await startTestStack({ args: [] });
  stored = await openStored(stack);
  dir = makeTempDir('stager-reconcile');
  const token = await logIn(stack, 'demo', 'admin:read admin:write');
  const login = await stager(['login', '--with-token'], token);
  expect(login.code, login.stderr).toBe(0);
});
afterAll(async () => {
  stored.close();
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

function stager(args: readonly string[], input = ''): Promise<CliResult> {
  return runCli(args, {
    cwd: dir,
    env: { STAGER_API_URL: stack.apiUrl, STAGER_CONFIG_DIR: join(dir, 'config') },
    input,
  });
}

const json = (result: CliResult) => JSON.parse(result.stdout);

test('a result that was removed behind our back is found, shown and made once more', async () => {
  const photo = join(repoRoot, 'examples/photos/01-living-room.jpg');
  const sent = await stager(['upload', photo, '--engine', 'finish', '--wait', '--json']);
  expect(sent.code, sent.stderr).toBe(0);
  const clean = await stager(['reconcile', '--json']);
  expect(clean.code, clean.stderr).toBe(0);
  expect(json(clean)).toMatchObject({ run: { state: 'scanned', counts: {} }, kinds: [] });

  const [victim] = await keysOf(stored.objects, 'photos', 'outputs/');
  if (!victim) throw new Error('there is no result');
  await stored.objects.remove({ bucket: 'photos', key: victim });
  const found = await stager(['reconcile', '--dry-run']);
  expect(found.code, found.stderr).toBe(8);
  expect(found.stdout).toMatch(/1 finding /);
  expect(found.stdout).toMatch(/missing_output +1 +restage +img_/);
  const runId = /stager reconcile --apply (rec_\w+)/.exec(found.stdout)?.[1] ?? '';

  const asked = await stager(['reconcile', '--apply', runId]);
  expect(asked.code).toBe(2);
  expect(asked.stderr).toContain('Nobody is here to answer');
  const applied = await stager(['reconcile', '--apply', runId, '--yes']);
  expect(applied.code, applied.stderr).toBe(0);
  expect(applied.stdout).toContain('1 applied, 0 skipped');
  const again = await stager(['reconcile', '--apply', runId, '--yes', '--json']);
  expect(again.code).toBe(1);
  expect(json(again).error.code).toBe('invalid_state');

  const shown = json(await stager(['reconcile', 'show', runId, '--json']));
  expect(shown.findings).toMatchObject([{ kind: 'missing_output', state: 'applied', key: victim }]);
  const imageId = shown.findings[0].subject;
  expect((await stager(['tail', '--exit-status'])).code).toBe(0);
  const images = json(await stager(['images', 'list', '--json']));
  expect(images.find(({ id }: { id: string }) => id === imageId)).toMatchObject({ state: 'ready' });
  expect(json(await stager(['reconcile', '--json'])).run.counts).toEqual({});

  const history = await stager(['reconcile', 'history']);
  expect(history.stdout).toMatch(new RegExp(`${runId} +applied +1 +1 +auth0`));
  expect((await stager(['reconcile', 'cancel', runId])).code).toBe(1);
  const undone = await stager(['reconcile', 'undo', runId, '--yes']);
  expect(undone.code, undone.stderr).toBe(0);
  const audit = json(await stager(['admin', 'audit', '--object', imageId, '--json']));
  expect(audit.map((entry: { action: string }) => entry.action)).toContain('reconcile.repair');
});

test('what a kind means is told without a server', async () => {
  const told = await stager(['reconcile', 'explain', 'orphan_object']);
  expect(told.code).toBe(0);
  expect(told.stdout).toContain('an object that no row names');
  const unknown = await stager(['reconcile', 'explain', 'nothing']);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('missing_original');
});
