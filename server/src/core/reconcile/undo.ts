import type { ClaimedRun, Decision, FindingRow, KeptRow, RepairTx } from '../../ports/index.ts';
import { type ActEnd, acting, findingsOf, PAGE, report } from './act.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { asideOf, PUT_ASIDE } from './repair.ts';
import { Interrupted, type ReconcileDeps } from './scan.ts';

/** Puts back what was put aside, where its place is free. */
export async function undoRun(deps: ReconcileDeps, run: ClaimedRun, signal: AbortSignal): Promise<ActEnd> {
  return acting('undone', async () => {
    let done = 0;
    const refusals = createRefusals(deps, run.id);
    for (let after = 0; ; ) {
      const page = await deps.store.keptOf(run.id, after, PAGE);
      for (const kept of page) {
        signal.throwIfAborted();
        const hold = await refusals.unlessRefused(
          kept.from.bucket,
          () => deps.store.decide(run, kept.seq, (tx, finding) => putBack(deps, tx, kept, finding)),
          (reason) =>
            deps.store.decide(run, kept.seq, async (_, finding) =>
              stays(finding, `the photo store refuses it: ${reason}`),
            ),
        );
        if (hold !== 'held') throw new Interrupted(hold);
        done += 1;
      }
      await report(deps, run, done);
      after = page.at(-1)?.seq ?? after;
      if (page.length < PAGE) break;
    }
    await putBackUntold(deps, run, refusals, signal);
    return null;
  });
}

/** What a try moved that was killed before it could say so; with nobody to go on, its findings are open still. */
async function putBackUntold(
  deps: ReconcileDeps,
  run: ClaimedRun,
  refusals: Refusals,
  signal: AbortSignal,
): Promise<void> {
  const { objects } = deps;
  for await (const { kind, state, bucket, key } of findingsOf(deps, run)) {
    if (state !== 'open' || bucket === null || key === null || !PUT_ASIDE.includes(kind)) continue;
    signal.throwIfAborted();
    const from = { bucket, key };
    const aside = asideOf(run.id, from);
    await refusals.unlessRefused(
      bucket,
      async () => {
        const stat = await objects.stat(aside);
        if (stat) await objects.moveExactly(aside, from, stat.etag);
      },
      async () => undefined,
    );
  }
}

/**
 * An object that did not fit its row comes back with that row: the photo is not lost any more, and is found as it was.
 * Where no row names it by now, as a result that was made once more, it would come back as an orphan, which nobody wants.
 */
async function putBack(
  { objects }: ReconcileDeps,
  tx: RepairTx,
  { kept, from, etag }: KeptRow,
  finding: FindingRow,
): Promise<Decision> {
  const hadRow = finding.kind !== 'orphan_object';
  const isLost = hadRow && (await tx.isLost(from));
  if (hadRow && !isLost && !(await tx.isNamed(from)))
    return stays(finding, `no row names it any more. It stays as ${kept.key} until it is removed.`);
  const outcome = await objects.moveExactly(kept, from, etag);
  // An earlier try may have moved it and said no more.
  if (outcome === 'done' || (outcome === 'missing' && (await objects.stat(from)))) {
    if (!isLost) return { state: 'undone', outcome: 'It is put back.' };
    await tx.markFound(from);
    return { state: 'undone', outcome: 'It is put back, and its row counts on it again.' };
  }
  if (outcome === 'missing') return stays(finding, 'it is gone.');
  const isTaken = (await objects.stat(from)) !== undefined;
  return stays(finding, isTaken ? 'there is another object in its place.' : `${kept.key} has changed.`);
}

function stays({ state }: FindingRow, why: string): Decision {
  return { state: state === 'skipped' ? 'skipped' : 'applied', outcome: `It could not be put back: ${why}` };
}
