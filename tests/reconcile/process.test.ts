import { once } from 'node:events';
import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { newId } from '../../server/src/core/ids.ts';
import { startRuns, type ToRuns, workApart } from '../../worker/src/reconcile/process.ts';
import { childPids } from '../support/stack.ts';
import { type Rig, ref, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterEach(() => rig.clear());
afterAll(() => rig.close());

const DAY_MS = 24 * 60 * 60_000;
const never = new AbortController().signal;
const stateOf = async (runId: string) => (await rig.get(runId)).run.state;

/** As long as nobody can read the rows of originals, a run that is begun is in the middle of its work. */
async function inTheMiddleOf(runId: string, begin: () => Promise<unknown>, act: () => void): Promise<void> {
  const client = new pg.Client(rig.superuserUrl);
  await client.connect();
  try {
    await client.query('BEGIN; LOCK TABLE originals IN ACCESS EXCLUSIVE MODE');
    const working = begin();
    await Promise.race([working, expect.poll(() => stateOf(runId)).toBe('scanning')]);
    act();
    await client.query('COMMIT');
    await working;
  } finally {
    await client.end();
  }
}

test('all that is due is worked on in a process apart, which then ends', async () => {
  await rig.ready({ projectId: rig.project });
  const other = newId('prj');
  await rig.store.account(rig.owner).read.projects.create(rig.owner, other, 'Other');
  const runs: string[] = [];
  for (const projectId of [rig.project, other]) runs.push(await rig.ask({ projectId, accountId: rig.owner }));
  const worked: string[] = [];
  await workApart(rig.config, never, (runId, ended) => worked.push(`${runId} ${ended}`));
  expect(worked).toEqual(runs.map((runId) => `${runId} scanned`));
  expect(childPids(process.pid)).toEqual([]);
});

test('a dry run leaves what it finds, a draft of long ago as well', async () => {
  const draft = join(rig.config.STAGER_OBJECTS_DIR ?? '', '.tmp', await rig.leave());
  const longAgo = new Date(Date.now() - 2 * DAY_MS);
  utimesSync(draft, longAgo, longAgo);
  const runId = await rig.ask();
  await workApart(rig.config, never, () => undefined);
  expect((await rig.get(runId)).findings.map(({ kind }) => kind)).toEqual(['multipart_leftover']);
  expect(existsSync(draft)).toBe(true);
});

test('what is young is left alone also where the clock of the worker is days ahead of that of the database', async () => {
  await rig.ready();
  await rig.objects.write(ref('outputs/a/young'), Buffer.from('orphan'), 'image/jpeg');
  await rig.sql(`UPDATE images SET state = 'queued'`);
  const clock = `data:text/javascript,const now=Date.now;Date.now=()=>now()+${3 * DAY_MS}`;
  const scanWith = async (aheadMs?: number) => {
    const runId = await rig.ask();
    const child = startRuns(['--import', clock]);
    const exit = once(child, 'exit');
    const order: ToRuns = { type: 'work', config: rig.config, ...(aheadMs !== undefined && { aheadMs }) };
    child.send(order);
    await exit;
    return (await rig.get(runId)).findings.map(({ kind }) => kind).sort();
  };
  expect(await scanWith()).toEqual([]);
  expect(await scanWith(3 * DAY_MS)).toEqual(['orphan_object', 'stuck_queued']);
});

test('one that is told to stop gives its run back, and another goes on', async () => {
  const runId = await rig.ask();
  const stopping = new AbortController();
  const ends: string[] = [];
  const work = () => workApart(rig.config, stopping.signal, (_, ended) => ends.push(ended));
  await inTheMiddleOf(runId, work, () => stopping.abort());
  expect(ends).toEqual(['released']);
  expect(await rig.work()).toEqual(['scanned']);
});

test('one that is killed says so, and another goes on', async () => {
  const runId = await rig.ask();
  const work = () => expect(workApart(rig.config, never, () => undefined)).rejects.toThrow('SIGKILL');
  await inTheMiddleOf(runId, work, () => {
    for (const pid of childPids(process.pid)) process.kill(pid, 'SIGKILL');
  });
  await rig.sql(`UPDATE reconcile_runs SET lease_until = now() - interval '1 s'`);
  expect(await rig.work()).toEqual(['scanned']);
});

test('what it fails of is told to whoever started it', async () => {
  await rig.ask();
  const config = { ...rig.config, STAGER_OBJECTS_DIR: '/dev/null/store' };
  await expect(workApart(config, never, () => undefined)).rejects.toThrow('ENOTDIR');
});
