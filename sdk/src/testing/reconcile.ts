import type { ReconcileFinding, ReconcileInput, ReconcileRun } from '../generated/types.ts';
import type { Handlers } from './handlers.ts';
import { OWNER } from './owner.ts';
import { page } from './paging.ts';
import { FakeProblem } from './problems.ts';
import type { FakeState } from './state.ts';

const DAY_MS = 24 * 60 * 60_000;

const FINDING: ReconcileFinding = {
  seq: 1,
  kind: 'orphan_object',
  accountId: null,
  projectId: null,
  subject: null,
  bucket: 'photos',
  key: 'originals/nobody/0',
  expected: 'a row that names it',
  found: '3 bytes of 2026-01-01T00:00:00.000Z',
  repair: 'quarantine',
  state: 'open',
  outcome: null,
  decidedAt: null,
};

/** A run ends at once, and finds one object that nobody knows; a deep one goes on until it is canceled. */
export const reconcileHandlers: Handlers = {
  startReconcile({ state }, { body }) {
    // The route table says so; the fake believes its callers, as a compiler has checked them.
    const { projectId = null, kinds = null, since = null, deep = false } = body as ReconcileInput;
    const now = new Date();
    const isWanted = kinds === null || kinds.includes(FINDING.kind);
    const run: ReconcileRun = {
      id: state.id('rec'),
      state: deep ? 'scanning' : 'scanned',
      projectId,
      kinds,
      since,
      deep,
      scheduled: false,
      reason: null,
      progress: { phase: 'photos', rows: 2, objects: 3, expected: 5, done: 0 },
      counts: isWanted ? { orphan_object: 1 } : {},
      changes: isWanted ? 1 : 0,
      changesMax: 20,
      planHash: '0'.repeat(64),
      outcome: { applied: 0, skipped: 0, undone: 0 },
      createdAt: now.toISOString(),
      startedAt: now.toISOString(),
      finishedAt: now.toISOString(),
      applyUntil: new Date(now.getTime() + DAY_MS).toISOString(),
      requestedBy: OWNER.principal,
      appliedBy: null,
    };
    state.runs.set(run.id, run);
    return run;
  },
  listReconcileRuns: ({ state }, { query }) => page([...state.runs.values()], query),
  getReconcileRun: ({ state }, { params }) => findRun(state, params['runId']),
  listReconcileFindings({ state }, { params, query }) {
    const finding = findingOf(findRun(state, params['runId']));
    const { kind, state: wanted } = query;
    const fits = (!kind || kind === finding?.kind) && (!wanted || wanted === finding?.state);
    return { items: finding && fits ? [finding] : [], nextCursor: null };
  },
  applyReconcile({ state }, { params }) {
    const run = findRun(state, params['runId']);
    if (run.state !== 'scanned')
      throw new FakeProblem('invalid_state', `Run ${run.id} is ${run.state}: there is nothing to apply.`);
    const outcome = { applied: run.changes, skipped: 0, undone: 0 };
    return change(state, { ...run, state: 'applied', appliedBy: OWNER.principal, outcome });
  },
  undoReconcile({ state }, { params }) {
    const run = findRun(state, params['runId']);
    if (run.appliedBy === null)
      throw new FakeProblem('invalid_state', `Run ${run.id} was not applied: there is nothing to undo.`);
    return change(state, {
      ...run,
      state: 'undone',
      outcome: { applied: 0, skipped: 0, undone: run.changes },
    });
  },
  cancelReconcile({ state }, { params }) {
    const run = findRun(state, params['runId']);
    if (run.state !== 'scanning')
      throw new FakeProblem('invalid_state', `Run ${run.id} is ${run.state}: it has ended.`);
    return change(state, { ...run, state: 'canceled' });
  },
};

function findRun(state: FakeState, id: string | undefined): ReconcileRun {
  const run = state.runs.get(id ?? '');
  if (!run) throw new FakeProblem('not_found', `There is no run ${id}.`);
  return run;
}

function change(state: FakeState, run: ReconcileRun): ReconcileRun {
  state.runs.set(run.id, run);
  return run;
}

function findingOf({ changes, state }: ReconcileRun): ReconcileFinding | undefined {
  if (changes === 0) return undefined;
  if (state !== 'applied' && state !== 'undone') return FINDING;
  return { ...FINDING, state, outcome: 'It is put aside.', decidedAt: new Date().toISOString() };
}
