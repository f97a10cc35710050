import type { Image } from '@stager/sdk';
import { describe, expect, test } from 'vitest';
import { put } from './testing/images.ts';
import { setUpDesk, speak } from './testing/inProcess.ts';

const OWN = `acc_${'0'.repeat(25)}1`;
const FAILED: Partial<Image> = {
  state: 'error',
  attempts: 3,
  error: {
    code: 'worker_lost',
    message: 'The worker ended without a word.',
    hint: 'Look at it.',
    retryable: true,
  },
};
const jobOf = ({ id }: Image) => id.replace('img', 'job');

async function setUp() {
  const desk = await setUpDesk({ outcome: () => 'hold' });
  const failed = put(desk, FAILED);
  const queued = put(desk);
  put(desk, { state: 'processing' });
  return {
    ...desk,
    failed,
    queued,
    say: (...args: string[]) => speak(['admin', ...args], desk.env),
    json: async (...args: string[]) =>
      JSON.parse((await speak(['admin', ...args, '--json'], desk.env)).stdout),
  };
}

describe('stager admin jobs', () => {
  test('list, show', async () => {
    const { say, json, failed } = await setUp();
    const { stdout } = await say('jobs', 'list');
    expect(stdout).toMatch(/^JOB +STATE +TRIES +ERROR +CREATED\njob_\w{26} +running +0\/3 /);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(await json('jobs', 'list', '--state', 'dead')).toMatchObject([{ id: jobOf(failed) }]);
    const shown = (await say('jobs', 'show', jobOf(failed))).stdout;
    for (const words of [OWN, failed.id, 'The worker ended without a word. (worker_lost)', '3 of 3']) {
      expect(shown).toContain(words);
    }
  });

  test('retry and cancel, each by itself; cancelling asks first', async () => {
    const { say, json, failed, queued } = await setUp();
    const retried = await say('jobs', 'retry', jobOf(failed), jobOf(queued));
    expect(retried.code).toBe(1);
    expect(retried.stdout).toContain(`${jobOf(failed)}  queued again`);
    expect(retried.stdout).toContain(`${jobOf(queued)}  failed`);
    const asked = await say('jobs', 'cancel', jobOf(queued));
    expect([asked.code, asked.stderr]).toEqual([
      2,
      expect.stringContaining('Cancel 1 job of somebody else?'),
    ]);
    expect(await json('jobs', 'cancel', jobOf(queued), '--yes')).toEqual({
      results: [{ id: jobOf(queued), ok: true, state: 'canceled' }],
    });
  });

  test('dead letters are listed and replayed by cause', async () => {
    const { say, json, failed } = await setUp();
    const { stdout } = await say('jobs', 'dead');
    expect(stdout).toMatch(/^JOB +CODE +MESSAGE +DIED\njob_\w{26} +worker_lost /);
    expect((await say('jobs', 'dead', '--code', 'other')).stdout).toBe('No dead letters.\n');
    const none = await say('jobs', 'replay', '--code', 'other');
    expect([none.code, none.stderr]).toEqual([0, 'No dead letter fits.\n']);
    const asked = await say('jobs', 'replay', '--code', 'worker_lost');
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('Queue 1 job again, at no cost')]);
    expect((await say('jobs', 'replay', '--code', 'worker_lost', '--yes')).stdout).toBe(
      `${jobOf(failed)}  queued again\n`,
    );
    const again = await say('jobs', 'replay', jobOf(failed), '--yes');
    expect([again.code, again.stdout]).toEqual([1, expect.stringContaining('failed  The job is not dead.')]);
    expect(await json('jobs', 'dead')).toEqual([]);
  });

  test.each([
    [['replay'], 'Give ids, or --code.'],
    [['replay', `job_${'0'.repeat(26)}`, '--code', 'x'], 'Give ids, or --code.'],
    [['show', 'img_1'], 'Not an id of a job: img_1'],
    [['list', '--state', 'gone'], 'one of queued, running, dead'],
  ])('%j: exit code 2', async (args, words) => {
    const { say } = await setUp();
    const { code, stderr } = await say('jobs', ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
  });
});

describe('stager admin stats', () => {
  test('shows all figures within 80 columns', async () => {
    const { say, json } = await setUp();
    const { stdout } = await say('stats');
    expect(stdout.split('\n').map((line) => line.slice(0, 11).trim())).toEqual([
      'Accounts',
      'Images',
      'Oldest due',
      'Failures',
      'Originals',
      'Results',
      'Plans',
      'Above',
      '',
    ]);
    expect(stdout).toContain('1 queued  1 processing  0 ready  1 error  0 canceled');
    expect(stdout).toContain('waits 2 h 00 min');
    expect(stdout).toContain('100.0 %  1 of 1 job in 24 h');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect((await json('stats')).skipped).toEqual([]);
  });

  test('says what was not counted', async () => {
    const { renderStats } = await import('./actions/adminStats.ts');
    const desk = await setUpDesk();
    const nothing = { accounts: null, images: null, queue: null, failures: null, storage: null, spend: null };
    const text = renderStats({ at: '', ...nothing, skipped: [] }, desk.context().io.words);
    expect(text.split('\n')).toHaveLength(6);
    expect(text).toMatch(/Storage +too much to be counted in time/);
  });

  test('an account that uses nothing, and one that does', async () => {
    const { say } = await setUp();
    expect((await say('accounts', 'usage', OWN)).stdout).toMatch(/Used +2 of any number of images\n/);
    expect((await say('accounts', 'usage', `acc_${'0'.repeat(25)}2`)).stdout).toMatch(/Used +0 of/);
  });
});
