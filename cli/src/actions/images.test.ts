import { describe, expect, test } from 'vitest';
import { put } from '../testing/images.ts';
import { setUpDesk, speak } from '../testing/inProcess.ts';

const FAILED = { code: 'x', message: 'No.', hint: null, retryable: true };

describe('stager images list', () => {
  test('none: says so', async () => {
    const { env } = await setUpDesk();
    expect((await speak(['images', 'list'], env)).stdout).toBe('No images.\n');
    expect((await speak(['images', 'list', '--json'], env)).stdout).toBe('[]\n');
  });

  test('a table with the age, in the colours of the states on a terminal', async () => {
    const desk = await setUpDesk();
    const states = ['queued', 'processing', 'ready', 'error', 'canceled'] as const;
    for (const state of states) put(desk, { state, name: state === 'queued' ? null : `${state}.jpg` });
    const { stdout } = await speak(['images', 'list'], desk.env, { terminal: true, columns: 100 });
    for (const [state, colour] of [
      ['processing', 33],
      ['ready', 32],
      ['error', 31],
      ['canceled', 2],
    ]) {
      expect(stdout).toContain(`\u001b[${colour}m${state}`);
    }
    expect(stdout).toContain('2 h ago');
    const plain = await speak(['images', 'list', '--state', 'error'], desk.env);
    expect(plain.stdout).not.toContain('\u001b');
    expect(plain.stdout.trim().split('\n')).toHaveLength(2);
  });

  test('more than --limit: how to see them', async () => {
    const desk = await setUpDesk();
    for (let i = 0; i < 3; i += 1) put(desk);
    const { stdout } = await speak(['images', 'list', '--limit', '2'], desk.env);
    expect(stdout.match(/img_/g)).toHaveLength(2);
    expect(stdout).toContain('There are more: --limit 4');
    const all = await speak(['images', 'list', '--limit', '3'], desk.env);
    expect(all.stdout).not.toContain('There are more');
  });
});

describe('stager images get', () => {
  test('what is known, and no line for what is not', async () => {
    const desk = await setUpDesk();
    const bare = put(desk, { name: null });
    const { stdout } = await speak(['images', 'get', bare.id], desk.env);
    expect(stdout).toMatch(/^Image +img_/);
    expect(stdout).not.toMatch(/Name|Room|Style|Project|Options|Error|Hint|Output/);
  });

  test('why it failed, and all that was asked for', async () => {
    const desk = await setUpDesk();
    const image = put(desk, {
      state: 'error',
      projectId: desk.api.state.id('prj'),
      roomType: 'bedroom',
      style: 'modern',
      seed: 7,
      variation: 1,
      params: { strength: 3, warm: true },
      error: {
        code: 'engine_failed',
        message: 'The engine failed.',
        hint: 'Try another photo.',
        retryable: false,
      },
      outputs: [
        { name: 'staged', contentType: 'image/png', size: 1234, sha256: 'x', width: 640, height: 480 },
      ],
    });
    const { stdout } = await speak(['images', 'get', image.id], desk.env);
    for (const line of [
      'Error     The engine failed. (engine_failed)',
      'Hint      Try another photo.',
      'Room      bedroom',
      'Style     modern',
      'Seed      7, variation 1',
      'Options   strength=3 warm=true',
      'Output    staged  640×480  image/png  1.2 kB',
    ]) {
      expect(stdout).toContain(line);
    }
    put(desk, { ...image, error: { code: 'x', message: 'No.', hint: null, retryable: false } });
    expect((await speak(['images', 'get', image.id], desk.env)).stdout).not.toContain('Hint');
  });
});

describe('stager images retry, cancel, delete', () => {
  test('all that failed at once, of a project or of all', async () => {
    const desk = await setUpDesk();
    const { body } = await speak(['projects', 'create', 'Elm Street', '--json'], desk.env).then(
      ({ stdout }) => ({ body: JSON.parse(stdout) as { id: string } }),
    );
    const [one, two] = [
      put(desk, { state: 'error', projectId: body.id, error: FAILED }),
      put(desk, { state: 'error', error: FAILED }),
    ];
    const ready = put(desk, { state: 'ready' });
    const ofProject = ['images', 'retry', '--all-failed', '--project', 'Elm Street', '--json'];
    expect(JSON.parse((await speak(ofProject, desk.env)).stdout)).toEqual({
      results: [{ id: one.id, ok: true, state: 'queued' }],
    });
    const all = await speak(['images', 'retry', '--all-failed'], desk.env);
    expect([all.code, all.stdout]).toEqual([0, `${two.id}  queued again\n`]);
    expect(desk.api.state.images.get(ready.id)?.state).toBe('ready');
    expect((await speak(['images', 'retry', '--all-failed'], desk.env)).stderr).toContain(
      'No image has failed',
    );
  });

  test.each([
    [['images', 'retry'], 'Give ids, or --all-failed'],
    [['images', 'retry', '--all-failed', `img_${'0'.repeat(26)}`], 'not both'],
    [['images', 'retry', '--project', 'x', `img_${'0'.repeat(26)}`], 'with --all-failed only'],
  ])('%j is refused', async (words, why) => {
    const { env } = await setUpDesk();
    const { code, stderr } = await speak(words, env);
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
  });

  test('each is told, and one that cannot be does not keep the others', async () => {
    const desk = await setUpDesk({ outcome: () => 'hold' });
    const [failed, ready] = [put(desk, { state: 'error' }), put(desk, { state: 'ready' })];
    const { code, stdout } = await speak(['images', 'retry', failed.id, ready.id], desk.env);
    expect(code).toBe(1);
    expect(stdout).toContain(`${failed.id}  queued again`);
    expect(stdout).toContain(`${ready.id}  failed  The image is ready`);
    expect((await speak(['images', 'cancel', failed.id], desk.env)).stdout).toContain('cancelled');
  });

  test('deleting asks first: the id of one, the number of several', async () => {
    const desk = await setUpDesk();
    const [a, b] = [put(desk), put(desk)];
    const one = await speak(['images', 'delete', a.id], desk.env);
    expect(one.code).toBe(2);
    expect(one.stderr).toContain(`Delete ${a.id} with all results?`);
    expect((await speak(['images', 'delete', a.id, b.id, a.id], desk.env)).stderr).toContain(
      'Delete 2 images',
    );
    expect(desk.api.state.images.size).toBe(2);
    const { code, stdout } = await speak(['images', 'delete', a.id, b.id, '-y', '--json'], desk.env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).results).toEqual([
      { id: a.id, ok: true, state: null },
      { id: b.id, ok: true, state: null },
    ]);
    expect(desk.api.state.images.size).toBe(0);
  });

  test('a token that is refused ends it at once: exit code 4', async () => {
    const desk = await setUpDesk({ acceptToken: () => false });
    const { id } = put(desk);
    expect((await speak(['images', 'retry', id], desk.env)).code).toBe(4);
  });
});
