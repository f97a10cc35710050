import type { ClaimedRun, FindingRow, KeptRow, ReconcileRunRow } from '../../ports/index.ts';
import { chain } from './findings.ts';
import { KEEP_MS } from './limits.ts';
import { applyUntil } from './present.ts';
import { asideOf, repair } from './repair.ts';
import { createResync } from './resync.ts';
import { Interrupted, type ReconcileDeps } from './scan.ts';
import { failureOf } from './scanRun.ts';
import { checkSentinels, placeSentinels, SentinelMissing } from './sentinel.ts';

const PAGE = 200;

export interface ActEnd {
  readonly state: 'applied' | 'undone' | 'failed';
  readonly reason: ReconcileRunRow['reason'];
}

/**
 * Acts on the findings of the run, and on nothing else. What was decided before a kill stays decided.
 * @throws Interrupted, StoreUnavailable: another worker goes on
 */
export async function applyRun(deps: ReconcileDeps, run: ClaimedRun, signal: AbortSignal): Promise<ActEnd> {
  return acting('applied', async () => {
    const doubt = doubtAge(run) ?? (await doubtStore(deps, run)) ?? (await doubtPlan(deps, run));
    if (doubt) return doubt;
    let done = 0;
    const resync = createResync(deps.subscriptions, deps.now);
    await report(deps, run, done);
    for await (const finding of findingsOf(deps, run)) {
      signal.throwIfAborted();
      const hold = await deps.store.decide(run, finding.seq, await repairOf(deps, run, finding, resync));
      if (hold !== 'held') throw new Interrupted(hold);
      done += 1;
      if (done % PAGE === 0) await report(deps, run, done);
    }
    await report(deps, run, done);
    return null;
  });
}

type Act = Parameters<ReconcileDeps['store']['decide']>[2];

/** What is to be done in the transaction of the finding. Whom nobody may ask within one is asked before. */
async function repairOf(
  deps: ReconcileDeps,
  run: ClaimedRun,
  finding: FindingRow,
  resync: ReturnType<typeof createResync>,
): Promise<Act> {
  if (finding.kind === 'subscription_mismatch' && finding.state === 'open') return resync(finding);
  return async (tx, locked) => {
    const decision = await repair(deps.objects, run.id, tx, locked);
    if (decision.state === 'applied' && BY_ABSENCE.includes(finding.kind)) await confirmStore(deps);
    return decision;
  };
}

/** Their repair believes that an object is not there. */
const BY_ABSENCE: readonly FindingRow['kind'][] = [
  'missing_original',
  'missing_output',
  'ready_without_output',
  'stuck_queued',
  'stuck_processing',
];

/** In a store that goes away amid an apply, such as a disk that is unmounted, all is missing: its sentinel, too. */
async function confirmStore(deps: ReconcileDeps): Promise<void> {
  if ((await checkSentinels(deps)) === 'missing') throw new SentinelMissing();
}

/** Puts back what was put aside, where its place is free. */
export async function undoRun(deps: ReconcileDeps, run: ClaimedRun, signal: AbortSignal): Promise<ActEnd> {
  return acting('undone', async () => {
    let done = 0;
    for (let after = 0; ; ) {
      const page = await deps.store.keptOf(run.id, after, PAGE);
      for (const kept of page) {
        signal.throwIfAborted();
        const hold = await deps.store.decide(run, kept.seq, () => putBack(deps, kept));
        if (hold !== 'held') throw new Interrupted(hold);
        done += 1;
      }
      await report(deps, run, done);
      after = page.at(-1)?.seq ?? after;
      if (page.length < PAGE) break;
    }
    await putBackUntold(deps, run, signal);
    return null;
  });
}

const PUT_ASIDE = ['orphan_object', 'size_mismatch', 'hash_mismatch'];

/** What a try moved that was killed before it could say so; with nobody to go on, its findings are open still. */
async function putBackUntold(deps: ReconcileDeps, run: ClaimedRun, signal: AbortSignal): Promise<void> {
  const { objects } = deps;
  for await (const { kind, state, bucket, key } of findingsOf(deps, run)) {
    if (state !== 'open' || bucket === null || key === null || !PUT_ASIDE.includes(kind)) continue;
    signal.throwIfAborted();
    const from = { bucket, key };
    const aside = asideOf(run.id, from);
    const stat = await objects.stat(aside);
    if (stat) await objects.moveExactly(aside, from, stat.etag);
  }
}

async function putBack({ objects }: ReconcileDeps, { kept, from, etag }: KeptRow) {
  const outcome = await objects.moveExactly(kept, from, etag);
  // An earlier try may have moved it and said no more.
  if (outcome === 'done' || (outcome === 'missing' && (await objects.stat(from))))
    return { state: 'undone', outcome: 'It is put back.' } as const;
  return { state: 'applied', outcome: `It could not be put back: ${outcome}.` } as const;
}

/** Removes for good what was put aside long ago; answers with how many objects that were. */
export async function purgeKept(
  deps: Pick<ReconcileDeps, 'store' | 'objects' | 'now'>,
  signal: AbortSignal,
): Promise<number> {
  const before = new Date(deps.now() - KEEP_MS);
  let purged = 0;
  for (;;) {
    const page = await deps.store.listKept(before, PAGE);
    for (const kept of page) {
      signal.throwIfAborted();
      await deps.objects.removeExactly(kept.kept, kept.etag);
      await deps.store.markPurged(kept);
      purged += 1;
    }
    if (page.length < PAGE) return purged;
  }
}

async function acting(
  state: 'applied' | 'undone',
  act: () => Promise<ReconcileRunRow['reason']>,
): Promise<ActEnd> {
  try {
    const reason = await act();
    return reason ? { state: 'failed', reason } : { state, reason: null };
  } catch (error) {
    const reason = failureOf(error);
    if (!reason) throw error;
    return { state: 'failed', reason };
  }
}

/** It may have waited for a worker since it was allowed. */
function doubtAge(run: ClaimedRun): ReconcileRunRow['reason'] {
  if (run.claimedAt < applyUntil(run)) return null;
  return {
    code: 'too_old',
    message: 'The findings are older than 24 hours. Nothing more was changed: start another run.',
  };
}

/** The store may be another one by now: whoever overrode another doubt has not heard of that. */
async function doubtStore(deps: ReconcileDeps, run: ClaimedRun): Promise<ReconcileRunRow['reason']> {
  if ((await checkSentinels(deps)) !== 'missing') return null;
  if (run.override && run.reason?.code === 'sentinel_missing') {
    await placeSentinels(deps, run);
    return null;
  }
  throw new SentinelMissing();
}

/** Findings are those that the plan was made of, all of them and no other. */
async function doubtPlan(deps: ReconcileDeps, run: ClaimedRun): Promise<ReconcileRunRow['reason']> {
  let hash = '';
  for await (const finding of findingsOf(deps, run)) hash = chain(hash, finding);
  if (hash === run.checkpoint?.planHash) return null;
  return { code: 'plan_changed', message: 'The findings are not those that the plan was made of.' };
}

async function* findingsOf({ store }: ReconcileDeps, run: ClaimedRun): AsyncGenerator<FindingRow> {
  for (let after = 0; ; ) {
    const page = await store.findings(run.id, after, PAGE);
    yield* page;
    after = page.at(-1)?.seq ?? after;
    if (page.length < PAGE) return;
  }
}

async function report(deps: ReconcileDeps, run: ClaimedRun, done: number): Promise<void> {
  const phase = run.state === 'undoing' ? 'undo' : 'apply';
  const hold = await deps.store.saveProgress(run, { ...run.progress, phase, done }, deps.leaseMs);
  if (hold !== 'held') throw new Interrupted(hold);
}
