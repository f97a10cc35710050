import { FIRST_CHECKPOINT } from '../../server/src/core/reconcile/findings.ts';
import type {
  AdminStore,
  AdminTx,
  ClaimedRun,
  Decision,
  KeptRow,
  NewFinding,
  ObjectRowQuery,
  ReconcileStore,
  RepairTx,
} from '../../server/src/ports/index.ts';
import { account, BIG, id } from './manyRows.ts';

type Exercises = Record<string, () => Promise<unknown>>;

/** With 60,000 findings, most of which nobody has decided about. */
const LARGE = id('rec', 50_000);
/** Of a project of which no run is under way. */
const OTHER = id('rec', 70_002);
const PROJECT = id('prj', 90_010);
const IMAGE = id('img', 90_035);
const PAGE = { limit: 5, after: null };
const ERROR = { code: 'x', message: 'x', hint: null, retryable: false };
const PROGRESS = { phase: 'photos', rows: 0, objects: 0, expected: 0, done: 0 };
/** Findings of the run that is under way. */
let decided = 0;
const DONE: Decision = { state: 'applied', outcome: 'x' };

/** What operators ask of runs and of deletions. */
export function exercisesOfRuns(admin: () => AdminStore): Exercises {
  const inAdmin = <T>(run: (tx: AdminTx) => Promise<T>) => admin().transaction(run);
  const scope = { projectId: PROJECT, accountId: BIG, kinds: null, since: null, deep: false };
  return {
    'reconcile.create': () =>
      inAdmin((tx) => tx.reconcile.create(id('rec', 200_000), { ...scope, requestedBy: 'auth0|1' })),
    'reconcile.get': () => inAdmin((tx) => tx.reconcile.get(LARGE)),
    'reconcile.getForUpdate': () => inAdmin((tx) => tx.reconcile.getForUpdate(OTHER)),
    'reconcile.list': async () => [
      await inAdmin((tx) => tx.reconcile.list(PAGE)),
      await inAdmin((tx) => tx.reconcile.list({ limit: 5, after: LARGE })),
    ],
    'reconcile.underWay': async () => [
      await inAdmin((tx) => tx.reconcile.underWay(id('prj', 100))),
      await inAdmin((tx) => tx.reconcile.underWay(null)),
    ],
    'reconcile.findings': async () => {
      const found = (filter: Parameters<AdminTx['reconcile']['findings']>[1], after = 0) =>
        inAdmin(async (tx) => (await tx.reconcile.findings(LARGE, filter, { limit: 5, after })).items);
      return [
        await found({}),
        await found({}, 50_000),
        await found({ kind: 'missing_output' }),
        await found({ state: 'skipped' }, 20_000),
      ];
    },
    'reconcile.queue': () => inAdmin((tx) => tx.reconcile.queue(OTHER, 'apply', 'auth0|1', false)),
    'reconcile.cancel': () => inAdmin((tx) => tx.reconcile.cancel(OTHER)),
    'reconcile.accountOfProject': () => inAdmin((tx) => tx.reconcile.accountOfProject(PROJECT)),
    'deletions.latest': () => inAdmin((tx) => tx.deletions.latest(BIG)),
    'deletions.list': async () => [
      await inAdmin((tx) => tx.deletions.list(PAGE)),
      await inAdmin((tx) => tx.deletions.list({ limit: 5, after: id('del', 50_000) })),
    ],
    'deletions.create': () =>
      inAdmin((tx) =>
        tx.deletions.create({
          id: id('del', 200_000),
          accountId: account(900),
          requestedBy: 'auth0|1',
          dueAt: new Date(),
        }),
      ),
    'deletions.cancel': () => inAdmin((tx) => tx.deletions.cancel(id('del', 200_000))),
    'deletions.hasOperators': async () => [await inAdmin((tx) => tx.deletions.hasOperators(account(8)))],
    'deletions.runningSubscription': () => inAdmin((tx) => tx.deletions.runningSubscription(account(8))),
    'stripeEvents.list': async () => [
      await inAdmin((tx) => tx.stripeEvents.list('parked', 5, null)),
      await inAdmin((tx) => tx.stripeEvents.list('handled', 5, null)),
    ],
    'stripeEvents.get': () => inAdmin((tx) => tx.stripeEvents.get('evt_500')),
    'stripeEvents.move': () =>
      inAdmin((tx) => tx.stripeEvents.move('evt_1001', ['parked'], 'received', null)),
  };
}

const KEPT: KeptRow = {
  runId: LARGE,
  seq: 9,
  from: { bucket: 'photos', key: 'x' },
  kept: { bucket: 'photos', key: 'x' },
  etag: 'x',
};

function findingOf(seq: number): NewFinding {
  return {
    kind: 'missing_output',
    repair: 'restage',
    accountId: BIG,
    projectId: null,
    subject: IMAGE,
    bucket: 'photos',
    key: `outputs/${seq}`,
    version: '1',
    etag: null,
    expected: 'x',
    found: 'y',
  };
}

/** What a worker does with runs, and what it asks of the rows that it walks along. */
export function exercisesOfReconcile(runs: () => ReconcileStore): Exercises {
  /** What is claimed is given back: others would read over it. */
  const held = async <T>(act: (run: ClaimedRun) => Promise<T>): Promise<T> => {
    const run = await runs().claim(60_000);
    if (!run) throw new Error('there was none');
    const answer = await act(run);
    await runs().release(run);
    return answer;
  };
  const rows = (change: Partial<ObjectRowQuery> = {}): ObjectRowQuery => ({
    after: { key: '', id: '' },
    prefix: '',
    projectId: null,
    endedBefore: new Date(),
    limit: 20,
    ...change,
  });
  const deep = (prefix: string) => rows({ after: { key: `${prefix}/50000`, id: '' }, prefix: `${prefix}/` });
  // A page of a walk is one row that tells of all of its rows.
  const drift = { after: '', projectId: null, accountId: null, before: new Date(), limit: 2 };
  const behind = { ...drift, after: `${BIG}/${id('img', 50_000)}` };

  const decide = (act: (tx: RepairTx) => Promise<unknown>): Promise<unknown> =>
    held(async (run) => {
      decided += 1;
      const checkpoint = { ...FIRST_CHECKPOINT, findings: decided };
      await runs().saveScan(run, checkpoint, PROGRESS, [findingOf(decided)], 60_000);
      const hold = await runs().decide(run, decided, async (tx) => {
        await act(tx);
        return DONE;
      });
      // What was decided about is counted whenever the run is read.
      await runs().endScan(run, { state: 'scanned', reason: null, changesMax: 20 });
      return hold;
    });
  const row = {
    accountId: BIG,
    id: IMAGE,
    projectId: null,
    imageId: IMAGE,
    state: 'ready',
    originalKey: null,
  } as const;
  const lock = (kind: NewFinding['kind'], subject: string, key: string | null = null) =>
    decide((tx) =>
      tx.lock({
        ...findingOf(1),
        seq: 1,
        kind,
        subject,
        key,
        state: 'open',
        outcome: null,
        decidedAt: null,
      }),
    );

  return {
    claim: () => held(async (run) => run),
    saveScan: () =>
      held((run) => {
        const checkpoint = { ...FIRST_CHECKPOINT, findings: 502 };
        return runs().saveScan(run, checkpoint, PROGRESS, [501, 502].map(findingOf), 60_000);
      }),
    renew: () => held((run) => runs().renew(run, 60_000)),
    saveProgress: () => held((run) => runs().saveProgress(run, PROGRESS, 60_000)),
    endScan: () => held((run) => runs().endScan(run, { state: 'scanned', reason: null, changesMax: 20 })),
    endAct: () => held((run) => runs().endAct(run, 'failed', { code: 'x', message: 'x' })),
    schedule: () => runs().schedule(id('rec', 200_001), new Date(Date.now() + 60_000)),
    now: () => runs().now(),
    sentinel: () => runs().sentinel(),
    rememberSentinel: () => held((run) => runs().rememberSentinel(run)),
    findings: async () => [await runs().findings(LARGE, 0, 5), await runs().findings(LARGE, 50_000, 5)],
    listKept: async () => [await runs().listKept(new Date(), 5)],
    keptOf: async () => [await runs().keptOf(LARGE, 50_000, 5)],
    markPurged: () => runs().markPurged({ ...KEPT, seq: 7 }),
    keepOn: () => runs().keepOn(KEPT, 'y', new Date(), 'x'),
    originals: async () => [await runs().originals(rows()), await runs().originals(deep('originals'))],
    outputs: async () => [await runs().outputs(rows()), await runs().outputs(deep('outputs'))],
    uploads: async () => [await runs().uploads(rows()), await runs().uploads(deep('uploads'))],
    describe: async () => [
      await runs().describe('photos', ['originals/10', 'outputs/10', 'outputs/15']),
      await runs().describe('uploads', ['uploads/10', 'uploads/15']),
    ],
    beingRemoved: () => runs().beingRemoved('photos', ['originals/10', 'originals/20']),
    images: async () => [
      await runs().images(drift),
      await runs().images(behind),
      await runs().images({ ...drift, projectId: id('prj', 10), accountId: BIG }),
    ],
    units: async () => [
      await runs().units(drift),
      await runs().units(behind),
      await runs().units({ ...drift, projectId: id('prj', 10), accountId: BIG }),
    ],
    jobs: async () => [await runs().jobs(drift), await runs().jobs({ ...drift, after: id('job', 60_000) })],
    ledger: async () => [await runs().ledger(drift), await runs().ledger({ ...drift, after: `${BIG}/` })],
    'decide: lock': async () => {
      await lock('missing_output', IMAGE);
      await lock('missing_original', id('org', 500));
      await lock('size_mismatch', id('org', 500), 'originals/500');
      await lock('job_without_image', id('job', 500));
      await lock('upload_unfinalized', id('upl', 500));
      await lock('ledger_mismatch', id('led', 5_000));
    },
    'decide: look': async () => {
      await decide((tx) => tx.isNamed({ bucket: 'photos', key: 'originals/500' }));
      await decide((tx) => tx.isNamed({ bucket: 'uploads', key: 'uploads/500' }));
      await decide((tx) => tx.keptCopies({ bucket: 'photos', key: 'originals/500' }));
      const finding = { ...findingOf(1), state: 'open', outcome: null, decidedAt: null } as const;
      await decide((tx) => tx.changedBy(LARGE, { ...finding, seq: 30_000 }));
    },
    'decide: undo': async () => {
      await decide((tx) => tx.isLost({ bucket: 'photos', key: 'originals/500' }));
      await decide((tx) => tx.markFound({ bucket: 'photos', key: 'originals/500' }));
    },
    'decide: endUnit': () => decide((tx) => tx.endUnit(row, id('led', 200_000))),
    'decide: restage': () => decide((tx) => tx.restage(row, id('job', 200_000))),
    'decide: markError': () =>
      decide((tx) => tx.markError({ ...row, id: id('img', 90_055), imageId: id('img', 90_055) }, ERROR)),
    'decide: markLost': () => decide((tx) => tx.markLost({ ...row, id: id('org', 90_075) }, ERROR)),
    'decide: forgetResult': () => decide((tx) => tx.forgetResult(row, 'outputs/90035')),
    'decide: cancelJob': () => decide((tx) => tx.cancelJob({ ...row, id: id('job', 90_035) })),
    'decide: removeUpload': () => decide((tx) => tx.removeUpload({ ...row, id: id('upl', 500) })),
    check: () => runs().check(),
  };
}
