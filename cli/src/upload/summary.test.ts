import type { StageEvent, StageSummary } from '@stager/sdk';
import { describe, expect, test } from 'vitest';
import { createStyle } from '../io/style.ts';
import { created, ready } from '../testing/images.ts';
import { Milestones } from './milestones.ts';
import { Progress } from './progress.ts';
import { failuresOf, nextSteps, renderUpload, type UploadFacts } from './summary.ts';

const view = { style: createStyle(false), columns: 60 };
const NOTHING: StageSummary = {
  found: 0,
  skipped: 0,
  rejected: 0,
  uploaded: 0,
  existing: 0,
  bytesSent: 0,
  images: 0,
  reused: 0,
  ready: 0,
  failed: 0,
  downloaded: 0,
  unchanged: 0,
  durationMs: 2000,
};

function facts(events: readonly StageEvent[], more: Partial<UploadFacts> = {}): UploadFacts {
  const progress = new Progress();
  for (const event of events) progress.take(event);
  return {
    progress,
    summary: NOTHING,
    project: undefined,
    wait: false,
    dryRun: false,
    out: undefined,
    command: 'stager upload photos',
    ...more,
  };
}

const error = (code: string, retryable: boolean, hint?: string) => ({
  code,
  message: `It is ${code}.`,
  retryable,
  ...(hint ? { hint } : {}),
});
const failed = (
  file: string,
  imageId: string | undefined,
  code: string,
  retryable = false,
  hint?: string,
): StageEvent => ({ type: 'failed', file, imageId, error: error(code, retryable, hint) });

const commandsOf = (given: UploadFacts) => nextSteps(given).map(({ command }) => command);

describe('what to do next', () => {
  test('all is well and downloaded: nothing', () => {
    expect(nextSteps(facts([created('a', 'i1'), ready('a', 'i1')], { wait: true, out: 'staged' }))).toEqual(
      [],
    );
  });

  test.each([
    [
      'an image failed that may be ready another time',
      [created('a', 'i1'), failed('a', 'i1', 'engine_failed', true)],
      'stager images retry i1',
    ],
    ['an image failed that always will', [created('a', 'i1'), failed('a', 'i1', 'not_a_room')], undefined],
    ['a file could not be sent', [failed('a', undefined, 'connection_failed', true)], 'stager upload photos'],
    ['a file is no photo', [failed('a', undefined, 'not_an_image')], undefined],
  ] as const)('%s', (_name, events, command) => {
    expect(commandsOf(facts(events, { wait: true, out: 'staged' }))).toEqual(command ? [command] : []);
  });

  test.each(['write_failed', 'connection_failed'])(
    'a result could not be saved (%s): nothing is sent again',
    (code) => {
      const events = [created('a', 'i1'), ready('a', 'i1'), failed('a', 'i1', code, true)];
      expect(nextSteps(facts(events, { wait: true, out: 'staged' }))).toEqual([
        {
          command: 'stager upload photos',
          when: 'to save what could not be saved; nothing is sent or made again',
        },
      ]);
    },
  );

  test('without waiting: how to follow, of the project if there is one', () => {
    const events = [created('a', 'i1')];
    expect(commandsOf(facts(events))).toEqual(['stager tail --exit-status']);
    const project = { id: 'prj_1', name: 'Elm', created: true };
    expect(commandsOf(facts(events, { project }))).toEqual(['stager tail --project prj_1 --exit-status']);
    expect(commandsOf(facts(events, { dryRun: true }))).toEqual([]);
    expect(commandsOf(facts([]))).toEqual([]);
  });

  test('after waiting without --out: how to get the results, when there are any', () => {
    const events = [created('a', 'i1'), ready('a', 'i1')];
    expect(commandsOf(facts(events, { wait: true }))).toEqual(['stager upload photos --out ./staged']);
    expect(commandsOf(facts([created('a', 'i1')], { wait: true }))).toEqual([]);
  });
});

describe('the end of a run, in words', () => {
  test('as people number things, in the order of names', () => {
    const events = ['p10.jpg', 'P2.jpg', 'p2.jpg', 'p1.jpg'].map((file, i) => created(file, `i${i}`));
    const { files } = renderUpload(facts(events)).json() as { files: { file: string }[] };
    expect(files.map(({ file }) => file)).toEqual(['p1.jpg', 'P2.jpg', 'p2.jpg', 'p10.jpg']);
    const text = renderUpload(facts(events)).text(view);
    expect(text).toContain('i3  p1.jpg\ni1  P2.jpg\ni2  p2.jpg\ni0  p10.jpg');
  });

  test('sent, there before, made before, saved', () => {
    const summary = {
      ...NOTHING,
      uploaded: 2,
      existing: 1,
      bytesSent: 5_000_000,
      ready: 3,
      reused: 1,
      downloaded: 2,
      unchanged: 1,
    };
    const text = renderUpload(facts([], { summary, wait: true, out: 'staged' })).text(view);
    expect(text.split('\n')).toEqual([
      '2 photos sent (5.0 MB), 1 photo there before, in 2.0 s.',
      '3 images are ready, 1 of them made before.',
      'Results: staged (2 files saved, 1 was there)',
    ]);
    const plain = { ...NOTHING, existing: 1, ready: 1, downloaded: 1 };
    expect(
      renderUpload(facts([], { summary: plain, wait: true, out: 'staged' }))
        .text(view)
        .split('\n'),
    ).toEqual([
      'Nothing had to be sent, 1 photo there before, in 2.0 s.',
      '1 image is ready.',
      'Results: staged (1 file saved)',
    ]);
  });

  test.each([
    ['refused before a byte was sent', 0, 'Nothing was sent, in 2.0 s.'],
    ['refused behind the upload', 29_171, '29.2 kB sent, of which nothing was accepted, in 2.0 s.'],
  ])('all %s', (_name, bytesSent, line) => {
    const { text } = renderUpload(facts([], { summary: { ...NOTHING, bytesSent, rejected: 1 } }));
    expect(text(view)).toBe(line);
  });

  test('files that are refused keep their size', () => {
    const refused = { type: 'rejected', file: 'a.jpg', size: 54_000_000, error: error('x', false) } as const;
    expect(renderUpload(facts([refused])).json()).toMatchObject({
      files: [{ file: 'a.jpg', status: 'rejected', size: 54_000_000 }],
    });
  });

  test('what failed, with its reason and its hint, in lines that fit', () => {
    const hint = 'Make space and do the same again: what was saved stays, and is not fetched again.';
    const given = facts(
      [
        created('hall.jpg', 'i1'),
        ready('hall.jpg', 'i1'),
        failed('hall.jpg', 'i1', 'write_failed', false, hint),
      ],
      { wait: true, out: 'staged' },
    );
    expect(failuresOf(given.progress)).toMatchObject([{ file: 'hall.jpg', imageId: null }]);
    const text = renderUpload(given).text(view);
    expect(text).toContain('1 failed:\n  hall.jpg  It is write_failed.\n');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(hint);
    expect(text).toContain(
      'To save what could not be saved; nothing is sent or made again:\n  stager upload photos',
    );
    expect(
      Math.max(
        ...text
          .split('\n')
          .slice(0, 6)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(60);
  });

  test('a dry run tells each file, and that it has not asked which the account has', () => {
    const events: StageEvent[] = [
      { type: 'hashed', file: 'a.jpg', sha256: '', size: 1000, contentType: 'image/jpeg' },
      { type: 'rejected', file: 'b.jpg', size: 0, error: error('file_empty', false) },
    ];
    const summary = { ...NOTHING, rejected: 1 };
    expect(
      renderUpload(facts(events, { summary, dryRun: true }))
        .text(view)
        .split('\n'),
    ).toEqual([
      'send      a.jpg  1.0 kB',
      expect.stringMatching(/^refused {2}b\.jpg/),
      '',
      'Nothing was sent. Would send 1 photo, 1.0 kB; 1 refused.',
      'What the account has already is not sent again.',
    ]);
  });
});

describe('what is counted', () => {
  test('an image that nobody has announced is no failure of the program', () => {
    const { progress } = facts([ready('a', 'unknown'), failed('a', 'unknown2', 'x')]);
    expect([progress.ready, progress.failedImages]).toEqual([1, 1]);
    expect(failuresOf(progress)).toEqual([]);
  });

  test('a result that is saved belongs to its image', () => {
    const { progress } = facts([
      created('a', 'i1'),
      ready('a', 'i1'),
      {
        type: 'downloaded',
        file: 'a',
        imageId: 'i1',
        output: 'staged',
        path: 'out/a.staged.jpg',
        size: 1,
        skipped: false,
      },
    ]);
    expect(progress.files.get('a')?.images.get('i1')?.outputs).toEqual([
      { output: 'staged', path: 'out/a.staged.jpg', size: 1 },
    ]);
  });

  test('where nothing is drawn, a line for each quarter, and none of what never comes', () => {
    const milestones = new Milestones({ send: true, wait: true, variations: 1 });
    const { progress } = facts([
      { type: 'start', files: 1, bytes: 10 },
      { type: 'rejected', file: 'a', size: 10, error: error('x', false) },
    ]);
    expect(milestones.next(progress)).toEqual(['Found 1 file, 10 B.']);
    expect(milestones.next(progress)).toEqual([]);
    expect(new Milestones({ send: true, wait: true, variations: 1 }).next(new Progress())).toEqual([]);
  });

  test('what was refused is not told as uploaded, nor what failed as ready', () => {
    const { progress } = facts([
      { type: 'start', files: 3, bytes: 30 },
      { type: 'rejected', file: 'c', size: 10, error: error('file_empty', false) },
      ...['a', 'b'].flatMap((file): StageEvent[] => [
        { type: 'hashed', file, size: 10, sha256: file, contentType: 'image/jpeg' },
        { type: 'uploaded', file, originalId: `org_${file}`, size: 10 },
        created(file, `i${file}`),
      ]),
      ready('a', 'ia'),
      failed('b', 'ib', 'not_a_room'),
    ]);
    const told = (send: boolean) => new Milestones({ send, wait: send, variations: 1 }).next(progress);
    expect(told(true)).toEqual([
      'Found 3 files, 30 B.',
      'Uploaded 100 % (2 of 2)',
      'Finished 100 % (2 of 2, 1 failed)',
    ]);
    expect(told(false)).toEqual(['Found 3 files, 30 B.']);
  });

  test('a plan that is used up is explained once, and what to do then', () => {
    const link = 'https://api.example.com/billing';
    const used = { ...error('quota_exceeded', false), message: '10 of 10 are used.', link };
    const all = facts([
      { type: 'start', files: 3, bytes: 30 },
      ...['a', 'b', 'c'].flatMap((file): StageEvent[] => [
        { type: 'hashed', file, size: 10, sha256: file, contentType: 'image/jpeg' },
        { type: 'exists', file, originalId: `org_${file}` },
        { type: 'failed', file, imageId: undefined, error: used },
      ]),
    ]);
    const text = renderUpload(all).text(view);
    expect(text.match(/10 of 10 are used/g)).toHaveLength(1);
    expect(text).toContain(
      '3 failed:\n  a  10 of 10 are used.\n     In the browser: https://api.example.com/billing\n  b  the same\n  c  the same',
    );
    expect(text).toContain('stager billing plans');
    expect(text).toMatch(/when there is room; nothing is sent or made again:\n {2}stager upload photos$/);
    expect(new Milestones({ send: true, wait: false, variations: 1 }).next(all.progress).at(-1)).toBe(
      'Uploaded 100 % (3 of 3)',
    );
  });
});
