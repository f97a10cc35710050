import type { ReconcileFinding, ReconcileRun } from '@stager/sdk';
import { describe, expect, test } from 'vitest';
import type { View } from '../io/io.ts';
import { createStyle } from '../io/style.ts';
import { Rate } from '../upload/rate.ts';
import { renderFindings } from './findings.ts';
import { needsOverride, pickExamples, renderRun } from './report.ts';
import { frame } from './watch.ts';

const VIEW: View = { style: createStyle(false), columns: 80 };
const ID = 'rec_01jd0000000000000000000000';
const IMAGE = 'img_01jd0000000000000000000000';
const HOUR_MS = 60 * 60_000;

function runOf(change: Partial<ReconcileRun> = {}): ReconcileRun {
  return {
    id: ID,
    state: 'scanned',
    projectId: null,
    kinds: null,
    since: null,
    deep: false,
    scheduled: false,
    reason: null,
    progress: { phase: 'photos', rows: 53, objects: 30_049, expected: 60_000, done: 0 },
    counts: { orphan_object: 30_005 },
    changes: 30_005,
    changesMax: 40_000,
    planHash: '0'.repeat(64),
    outcome: { applied: 0, skipped: 0, undone: 0 },
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:00.000Z',
    applyUntil: new Date(Date.now() + HOUR_MS).toISOString(),
    requestedBy: 'auth0|demo',
    appliedBy: null,
    ...change,
  };
}

function findingOf(change: Partial<ReconcileFinding> = {}): ReconcileFinding {
  return {
    seq: 1,
    kind: 'missing_output',
    accountId: null,
    projectId: null,
    subject: IMAGE,
    bucket: 'photos',
    key: `outputs/acc_01jd0000000000000000000000/${IMAGE}/2a0c51ee-2254-4713-b56a-d00fd8dda319/finished.jpg`,
    expected: 'a'.repeat(64),
    found: 'no object',
    repair: 'restage',
    state: 'open',
    outcome: null,
    decidedAt: null,
    ...change,
  };
}

const text = (run: ReconcileRun, findings: readonly ReconcileFinding[] = []) =>
  renderRun(run, [{ kind: 'orphan_object', count: 30_005, repair: 'quarantine', examples: findings }]).text(
    VIEW,
  );
const widest = (shown: string) => Math.max(...shown.split('\n').map((line) => line.length));

describe('what a run has found', () => {
  test('names what to do next, each on a line that a terminal of 80 columns does not break', () => {
    const shown = text(runOf({ changesMax: 20, state: 'stopped' }));
    expect(shown).toContain('Nothing was changed.');
    expect(shown).toContain(`Details  stager reconcile show ${ID}\n`);
    expect(shown).toMatch(new RegExp(`Repair   stager reconcile --apply ${ID} --override$`));
    expect(widest(shown)).toBeLessThanOrEqual(80);
  });

  test('examples differ: of a key the end is shown, of an image with several results the one', () => {
    const orphan = (name: string) =>
      findingOf({ subject: null, key: `outputs/${'x'.repeat(60)}/${name}.jpg` });
    const shown = text(runOf(), [orphan('one'), orphan('two')]);
    expect(shown).toMatch(/…x+\/one\.jpg\n.*…x+\/two\.jpg/);
    expect(widest(shown)).toBeLessThanOrEqual(80);
    const other = findingOf({ seq: 4, subject: 'img_2' });
    expect(pickExamples([findingOf(), findingOf({ seq: 2 }), findingOf({ seq: 3 }), other])).toEqual([
      findingOf(),
      other,
    ]);
  });

  test('a long reason is broken at words, with what was seen below it', () => {
    const reason = { code: 'too_many_changes', message: `There ${'are many changes '.repeat(8)}`.trim() };
    const shown = text(runOf({ state: 'stopped', reason }));
    expect(shown).toContain('53 rows, 30,049 objects');
    expect(widest(shown)).toBeLessThanOrEqual(80);
  });

  test('an apply that was canceled on its way says what it did, and how to go on or back', () => {
    const outcome = { applied: 1_532, skipped: 3, undone: 0 };
    const shown = text(runOf({ state: 'canceled', outcome, appliedBy: 'auth0|demo' }));
    expect(shown).not.toContain('Nothing was changed');
    expect(shown).toContain('1532 applied, 3 skipped, 28470 not decided');
    expect(shown).toContain(`Skipped  stager reconcile show ${ID} --state skipped`);
    expect(shown).toContain(`Put back stager reconcile undo ${ID}`);
    expect(shown).toContain(`Go on    stager reconcile --apply ${ID}`);
  });

  test.each([
    [
      'undone',
      { state: 'undone', outcome: { applied: 5, skipped: 0, undone: 30_000 } },
      /reconcile (undo|--apply)/,
    ],
    ['too old', { applyUntil: new Date(Date.now() - 1).toISOString() }, /--apply/],
    ['failed before it saw all', { state: 'failed', changesMax: null, applyUntil: null }, /--apply/],
    ['under way', { state: 'scanning', changesMax: null, applyUntil: null }, /--apply|undo/],
  ] as const)('nothing is offered that would be refused: %s', (_, change, offer) => {
    expect(text(runOf(change))).not.toMatch(offer);
  });
});

test('the override is asked for before anybody types an id in vain', () => {
  expect(needsOverride(runOf())).toBe(false);
  expect(needsOverride(runOf({ changesMax: 20 }))).toBe(true);
  expect(needsOverride(runOf({ state: 'stopped' }))).toBe(true);
  expect(needsOverride(runOf({ state: 'applied', changesMax: 20 }))).toBe(false);
});

test('a finding is shown with its whole id and key, and with what became of it', () => {
  const shown = renderFindings(
    [
      findingOf(),
      findingOf({ seq: 12, state: 'skipped', outcome: 'The row has changed since, or is gone.' }),
    ],
    VIEW,
  ).split('\n');
  expect(shown).toEqual([
    'NO  KIND            STATE    ABOUT',
    `1   missing_output  open     ${IMAGE}`,
    `    ${findingOf().key}`,
    '    no object; expected:',
    `    ${'a'.repeat(64)}`,
    `12  missing_output  skipped  ${IMAGE}`,
    `    ${findingOf().key}`,
    '    The row has changed since, or is gone.',
  ]);
});

describe('progress', () => {
  const rate = () => {
    const made = new Rate();
    made.add(0, 0);
    made.add(1_000, 1_000);
    return made;
  };

  test('how much, how fast, how long', () => {
    expect(frame(runOf({ state: 'scanning' }), rate())).toMatch(
      /^Looking {2}[█░]+ {2}30,102 of about 60,000 {2}photos {2}1,000\/s {2}30 s left$/,
    );
  });

  test('no bar where nobody knows how much there is', () => {
    const progress = { phase: 'photos', rows: 5, objects: 8, expected: 13, done: 0 };
    expect(frame(runOf({ state: 'scanning', progress }), rate())).toBe(
      'Looking  13 rows and objects  photos  1,000/s',
    );
  });

  test('that no worker has come yet', () => {
    expect(frame(runOf({ state: 'apply_queued' }), rate())).toBe('Waiting for a worker');
  });
});
