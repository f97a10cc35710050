import { describe, expect, test } from 'vitest';
import { put } from '../testing/images.ts';
import { type Desk, type DeskOptions, setUpDesk } from '../testing/inProcess.ts';
import { tailEvents } from './tail.ts';

type TailOptions = Parameters<typeof tailEvents>[1];

const held: DeskOptions = { stepMs: 1, outcome: () => 'hold' };

/** Follows, and does the next step each time that its words have appeared. */
async function follow(
  desk: Desk,
  options: TailOptions,
  steps: readonly (readonly [words: string, act: () => void])[] = [],
  json = false,
) {
  const left = [...steps];
  const look = () => {
    const [next] = left;
    if (!next || !`${desk.stdout.text}${desk.stderr.text}`.includes(next[0])) return;
    left.shift();
    setImmediate(() => {
      next[1]();
      look();
    });
  };
  desk.stdout.onWrite = look;
  desk.stderr.onWrite = look;
  const outcome = await tailEvents(desk.context({ json }), options).then(
    (code) => ({ code, error: undefined }),
    (error: unknown) => ({ code: undefined, error }),
  );
  return { ...outcome, undone: left.length, stdout: desk.stdout.text, stderr: desk.stderr.text };
}

const setUp = (options: Pick<DeskOptions, 'terminal' | 'columns'> = {}) => setUpDesk({ ...held, ...options });

describe('what stager tail shows', () => {
  test('each change in a line: when, what, of which photo; progress only when something else is done', async () => {
    const desk = await setUp({ columns: 60 });
    const { id } = put(desk);
    const { change } = { change: desk.api.state.change.bind(desk.api.state) };
    const { stdout, error } = await follow(desk, {}, [
      [
        '1 image unfinished',
        () => {
          change(id, 'image.processing', { state: 'processing', attempts: 1 });
          for (const progress of [0.1, 0.2]) change(id, 'image.progress', {}, { progress, stage: 'decode' });
          change(id, 'image.progress', {}, { progress: 0.3 });
          change(id, 'image.progress', {}, { progress: 0.5, stage: 'render' });
          const failure = {
            code: 'engine_failed',
            message: 'The engine failed.',
            hint: null,
            retryable: true,
          };
          change(id, 'image.queued', { state: 'queued' }, { error: failure, willRetry: true, attempt: 1 });
          change(id, 'image.deleted', {});
        },
      ],
      ['deleted', () => desk.ctrlC.abort()],
    ]);
    expect(error).toMatchObject({ exit: 130 });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\d\d:\d\d:\d\d/, 'TIME'));
    expect(lines).toEqual([
      '1 image unfinished:',
      '  queued      hall.jpg',
      'TIME  processing  hall.jpg',
      'TIME  progress    hall.jpg: decode, 10 %',
      'TIME  progress    hall.jpg: render, 50 %',
      'TIME  queued      hall.jpg: The engine failed. (engine_…',
      'TIME  deleted     hall.jpg',
    ]);
  });

  test('that most of the plan is used, and what there is to do when all is', async () => {
    const desk = await setUp({ columns: 60 });
    const period = { start: '2026-01-01T00:00:00.000Z', end: '2026-02-01T00:00:00.000Z' };
    const about = { plan: 'free', period, limit: 10, at: '2026-01-20T00:00:00.000Z' } as const;
    const { stdout } = await follow(desk, {}, [
      [
        'unfinished',
        () => {
          desk.api.state.tell({ ...about, type: 'billing.usage_warning', used: 8 });
          desk.api.state.tell({ ...about, type: 'billing.usage_exhausted', used: 10 });
        },
      ],
      ['10 of 10', () => desk.ctrlC.abort()],
    ]);
    expect(stdout).toMatch(
      /usage +free: 8 of 10 images used until 2026-02-01\n.*usage +free: 10 of 10 .* stager billing plans\n$/,
    );
  });

  test('on a terminal, in the colours of the states', async () => {
    const desk = await setUp({ terminal: true });
    const { id } = put(desk);
    const { stdout } = await follow(desk, {}, [
      ['unfinished', () => desk.api.state.change(id, 'image.progress', {}, { stage: 'x', progress: 0 })],
      ['progress', () => desk.api.finish(id)],
      ['ready', () => desk.ctrlC.abort()],
    ]);
    expect(stdout).toContain('\u001b[2mprogress  ');
    expect(stdout).toContain('\u001b[32mready     ');
  });

  test('an image that came later is called by its photo, a further variation by its number, one without a name by its id', async () => {
    const desk = await setUp();
    let nameless = '';
    const { stdout } = await follow(desk, {}, [
      [
        'Nothing is unfinished',
        () => {
          desk.api.failNext({ operation: 'listImages', code: 'unavailable' });
          nameless = put(desk, { name: null }).id;
        },
      ],
      // What could not be looked up goes by its id.
      ['queued', () => desk.ctrlC.abort()],
    ]);
    expect(stdout).toContain(`queued      ${nameless}`);
    const next = await setUp();
    const second = await follow(next, {}, [
      ['Nothing is unfinished', () => put(next, { variation: 1 })],
      ['hall.jpg (2)', () => next.ctrlC.abort()],
    ]);
    expect(second.undone).toBe(0);
  });

  test('images that come one behind the other are all called by their photos, each looked up once', async () => {
    const desk = await setUp();
    const come = (name: string) => () => put(desk, { name });
    const { stdout, undone } = await follow(desk, {}, [
      ['Nothing is unfinished', come('hall.jpg')],
      ['hall.jpg', come('bath.jpg')],
      ['bath.jpg', () => desk.api.finish(put(desk, { name: 'attic.jpg' }).id)],
      ['ready       attic.jpg', () => desk.ctrlC.abort()],
    ]);
    expect([stdout, undone]).toEqual([expect.not.stringContaining('img_'), 0]);
    const looks = desk.api.requests.filter(({ operation }) => operation === 'listImages');
    expect(looks).toHaveLength(3);
  });

  test('as JSON, each event is a line', async () => {
    const desk = await setUp();
    const { id } = put(desk);
    const { stdout } = await follow(
      desk,
      {},
      [
        ['"snapshot"', () => desk.api.finish(id)],
        ['image.ready', () => desk.ctrlC.abort()],
      ],
      true,
    );
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ type }) => type)).toEqual(['snapshot', 'image.ready']);
  });

  test('a line that stays cut is told once, and events that were missed are told', async () => {
    const desk = await setUp();
    const { id } = put(desk);
    const { stderr, stdout } = await follow(desk, {}, [
      [
        'unfinished:',
        () => {
          desk.api.state.change(id, 'image.processing', { state: 'processing' });
          desk.api.state.forgetEvents();
          desk.api.state.change(id, 'image.ready', { state: 'ready' });
          desk.api.state.forgetEvents();
          desk.api.failNext({ operation: 'streamEvents', code: 'unavailable', times: 3 });
          desk.api.cutConnections();
        },
      ],
      ['Events were missed', () => desk.ctrlC.abort()],
    ]);
    expect(stderr.match(/The connection is gone/g)).toHaveLength(1);
    expect(stderr).toContain('Events were missed');
    expect(stdout).toContain('unfinished');
  });
});

describe('how to go on after Ctrl-C', () => {
  test.each([
    ['everything', {}, 'stager tail --after 1'],
    ['a project', { project: 'Elm 42' }, "stager tail --project 'Elm 42' --after 1"],
    ['with --exit-status', { exitStatus: true }, 'stager tail --exit-status'],
  ])('%s', async (_name, options, command) => {
    const desk = await setUp();
    const projectId = desk.api.state.id('prj');
    const now = new Date().toISOString();
    desk.api.state.projects.set(projectId, { id: projectId, name: 'Elm 42', createdAt: now, updatedAt: now });
    put(desk, { projectId });
    const { error } = await follow(desk, options, [['unfinished', () => desk.ctrlC.abort()]]);
    expect(error).toMatchObject({ exit: 130, next: [{ command, when: 'to go on from here' }] });
  });

  test('an image', async () => {
    const desk = await setUp();
    const { id } = put(desk);
    const { error } = await follow(desk, { image: id }, [['unfinished', () => desk.ctrlC.abort()]]);
    expect(error).toMatchObject({ next: [{ command: `stager tail --image ${id} --after 1` }] });
  });

  test('before anything was heard', async () => {
    const desk = await setUp();
    desk.ctrlC.abort();
    const { error } = await follow(desk, {});
    expect(error).toMatchObject({ exit: 130 });
  });
});

describe('--exit-status', () => {
  test('counts how all ended, and says where to look', async () => {
    const desk = await setUp();
    const images = [put(desk), put(desk), put(desk)];
    const [a, b, c] = images.map(({ id }) => id);
    const { code, stderr } = await follow(desk, { exitStatus: true }, [
      [
        '3 images unfinished',
        () => {
          desk.api.finish(a ?? '');
          desk.api.finish(b ?? '', 'error');
          desk.api.state.change(c ?? '', 'image.canceled', { state: 'canceled' });
        },
      ],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('1 ready, 1 failed, 1 cancelled');
    expect(stderr).toContain('stager images list --state error');
  });

  test('only deleted: nothing has failed', async () => {
    const desk = await setUp();
    const { id } = put(desk);
    const { code, stderr } = await follow(desk, { exitStatus: true }, [
      ['1 image unfinished', () => desk.api.state.change(id, 'image.deleted', {})],
    ]);
    expect(code).toBe(0);
    expect(stderr).toBe('');
  });

  test('an image that had ended before: ready is 0', async () => {
    const desk = await setUp();
    const { id } = put(desk, { state: 'ready' });
    expect(await follow(desk, { exitStatus: true, image: id })).toMatchObject({
      code: 0,
      stderr: `${id} is ready.\n`,
    });
  });

  test('what ended while the line was cut is looked up, also what was deleted', async () => {
    const desk = await setUp();
    const [failed, deleted] = [put(desk), put(desk)];
    const { code, stderr } = await follow(desk, { exitStatus: true }, [
      [
        '2 images unfinished',
        () => {
          desk.api.state.images.set(failed.id, { ...failed, state: 'error' });
          desk.api.state.images.delete(deleted.id);
          // New ids begin behind what was seen: the resumption is too old.
          put(desk);
          desk.api.state.forgetEvents();
          desk.api.cutConnections();
        },
      ],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('Events were missed');
    expect(stderr).toContain('0 ready, 1 failed');
  });

  test('a lookup that is refused ends it with that', async () => {
    const desk = await setUp();
    const { id } = put(desk);
    const { error } = await follow(desk, { exitStatus: true }, [
      [
        '1 image unfinished',
        () => {
          desk.api.state.images.delete(id);
          put(desk);
          desk.api.state.forgetEvents();
          desk.api.failNext({ operation: 'getImage', code: 'account_suspended' });
          desk.api.cutConnections();
        },
      ],
    ]);
    expect(error).toMatchObject({ code: 'account_suspended' });
  });

  test('more than a snapshot holds: the rest is waited for as well', async () => {
    const desk = await setUp();
    for (let i = 0; i < 1001; i += 1) put(desk, { name: `p${i}.jpg` });
    const finishAll = () => {
      for (const { id, state } of [...desk.api.state.images.values()])
        if (state === 'queued') desk.api.finish(id);
    };
    let last = '';
    const { code, stdout, stderr } = await follow(desk, { exitStatus: true }, [
      [
        '1000 images and more unfinished',
        () => {
          last = [...desk.api.state.images.keys()].at(-1) ?? '';
          for (const id of [...desk.api.state.images.keys()]) if (id !== last) desk.api.finish(id);
        },
      ],
      ['1 image unfinished', finishAll],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/p1000\.jpg\n$/);
    expect(stderr).toContain('1001 ready');
  });
});

test('a word that is no id is refused', async () => {
  const desk = await setUp();
  expect((await follow(desk, { image: 'img_1' })).error).toMatchObject({ exit: 2 });
});
