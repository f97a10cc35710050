import type { ClaimedRun, FindingRow, ReconcileRunRow } from '../../ports/index.ts';
import { type ActEnd, acting, findingsOf, PAGE, report } from './act.ts';
import { chain } from './findings.ts';
import { applyUntil } from './present.ts';
import { createRefusals } from './refusals.ts';
import { repair, skipRefused } from './repair.ts';
import { createResync } from './resync.ts';
import { Interrupted, type ReconcileDeps } from './scan.ts';
import { checkSentinels, confirmStore, placeSentinels, SentinelMissing } from './sentinel.ts';

/**
 * Acts on the findings of the run, and on nothing else. What was decided before a kill stays decided.
 * @throws Interrupted, StoreUnavailable: another worker goes on
 */
export async function applyRun(deps: ReconcileDeps, run: ClaimedRun, signal: AbortSignal): Promise<ActEnd> {
  return acting('applied', async () => {
    const doubt = doubtAge(run) ?? (await doubtStore(deps, run)) ?? (await doubtPlan(deps, run));
    if (doubt) return doubt;
    let done = 0;
    const { store, objects } = deps;
    const resync = createResync(deps.subscriptions, await store.now());
    const refusals = createRefusals(deps, run.id);
    await report(deps, run, done);
    for await (const finding of findingsOf(deps, run)) {
      signal.throwIfAborted();
      const hold = await refusals.unlessRefused(
        finding.bucket ?? 'photos',
        async () => store.decide(run, finding.seq, await repairOf(deps, run, finding, resync)),
        (reason) => store.decide(run, finding.seq, () => skipRefused(objects, run.id, finding, reason)),
      );
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
  return (tx, locked) => repair(deps.objects, run.id, tx, locked, () => confirmStore(deps));
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
