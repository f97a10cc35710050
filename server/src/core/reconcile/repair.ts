import type { Decision, FindingRow, LockedRow, ObjectRef, RepairTx, UnitEnd } from '../../ports/index.ts';
import { newId } from '../ids.ts';
import { hashOf } from './deep.ts';
import { keptKey } from './limits.ts';
import { unlessRefusal } from './refusals.ts';
import type { ReconcileDeps } from './scan.ts';

type Objects = ReconcileDeps['objects'];

const LOST = {
  code: 'original_missing',
  message: 'The original is not in the photo store any more.',
  hint: 'Upload the photo again, then retry the image.',
  retryable: false,
};

const skipped = (outcome: string): Decision => ({ state: 'skipped', outcome });
const applied = (outcome: string): Decision => ({ state: 'applied', outcome });
const UNIT_ENDS: Readonly<Record<UnitEnd, Decision>> = {
  settled: applied('The unit is settled.'),
  refunded: applied('The unit is given back.'),
  right: skipped('The unit has been set right since.'),
  unfinished: skipped('The image has not ended.'),
  uncounted: skipped('Nothing was done: there is no period of usage in which its unit could be counted.'),
};
const MOVED = skipped('The row has changed since, or is gone.');
const BEING_SENT = skipped('The same photo is being sent.');
const REPLACED = skipped('The object has changed since, or is gone.');

/**
 * Repairs what one finding is about, if it is still as it was found: rows are locked and of the same version, objects have
 * the same etag, or are still missing.
 * @param confirm that the store is there: asked behind a look that missed something, and before anything is written for
 * it, as nobody in the account can write while that is not committed
 */
export async function repair(
  objects: Objects,
  runId: string,
  tx: RepairTx,
  finding: FindingRow,
  confirm: () => Promise<void>,
): Promise<Decision> {
  switch (finding.kind) {
    case 'orphan_object':
      return putAsideOrphan(objects, runId, tx, finding);
    case 'missing_original':
      return repairOriginal(objects, tx, finding, confirm);
    case 'missing_output':
    case 'ready_without_output':
    case 'stuck_queued':
    case 'stuck_processing':
      return repairImage(objects, runId, tx, finding, confirm);
    case 'size_mismatch':
    case 'hash_mismatch':
      return repairMismatch(objects, runId, tx, finding, confirm);
    case 'job_without_image':
      return withRow(tx, finding, async (row) => {
        await tx.cancelJob(row);
        return applied('The job is canceled.');
      });
    case 'upload_unfinalized':
      return withRow(tx, finding, async (row) => {
        // The object first: a row that is left is found again, an object without a row would be an orphan.
        await objects.remove(refOf(finding));
        await tx.removeUpload(row);
        return applied('The upload is removed, and what had arrived of it.');
      });
    case 'multipart_leftover':
      await objects.removeLeftover({ ...refOf(finding), id: finding.subject ?? '', startedAt: new Date(0) });
      return applied('The parts are removed.');
    case 'ledger_mismatch':
      return withRow(tx, finding, async (row) => {
        return UNIT_ENDS[await tx.endUnit(row, newId('led'))];
      });
    case 'subscription_mismatch':
      // Stripe is asked before the transaction.
      throw new Error(`finding ${finding.seq} is not repaired here`);
  }
}

/** Their repair begins with putting the object aside. */
export const PUT_ASIDE: readonly FindingRow['kind'][] = ['orphan_object', 'size_mismatch', 'hash_mismatch'];

/** Of an object that the store refuses. What a try has moved of it goes back; what cannot go back stays known. */
export async function skipRefused(
  objects: Objects,
  runId: string,
  finding: FindingRow,
  reason: string,
): Promise<Decision> {
  const decision = skipped(`The photo store refuses it: ${reason}`);
  if (!PUT_ASIDE.includes(finding.kind)) return decision;
  const from = refOf(finding);
  const kept = asideOf(runId, from);
  const stat = await objects.stat(kept).catch(unlessRefusal);
  if (!stat) return decision;
  const back = await objects.moveExactly(kept, from, stat.etag).catch(unlessRefusal);
  if (back === 'done' || back === 'missing') return decision;
  return {
    ...decision,
    outcome: `${decision.outcome} A copy is left as ${kept.key}.`,
    kept: { from, kept, etag: stat.etag },
  };
}

async function withRow(
  tx: RepairTx,
  finding: FindingRow,
  act: (row: LockedRow) => Promise<Decision>,
): Promise<Decision> {
  const row = await tx.lock(finding);
  return row ? act(row) : MOVED;
}

async function putAsideOrphan(
  objects: Objects,
  runId: string,
  tx: RepairTx,
  finding: FindingRow,
): Promise<Decision> {
  const from = refOf(finding);
  const before = await claimOn(tx, from);
  if (before) {
    // An earlier try may have moved it and said no more.
    const aside = asideOf(runId, from);
    const stat = await objects.stat(aside);
    if (stat) await objects.moveExactly(aside, from, stat.etag);
    return skipped(`${before}.`);
  }
  const kept = await putAside(objects, runId, finding);
  if (!kept) return REPLACED;
  const since = await claimOn(tx, from);
  if (!since) return { ...applied(`It is put aside as ${kept.kept.key}.`), kept };
  // Whoever sent the same photo meanwhile has found it, and counts on it.
  await objects.moveExactly(kept.kept, from, kept.etag);
  return skipped(`${since}; it was put back.`);
}

/** Who counts on the object. What is sent first: it is a row by the time that it is not sent any more. */
async function claimOn(tx: RepairTx, ref: ObjectRef): Promise<string | undefined> {
  if (await tx.isBeingSent(ref)) return 'The same photo is being sent';
  return (await tx.isNamed(ref)) ? 'A row names it by now' : undefined;
}

/** Where an object of a run is put aside. */
export function asideOf(runId: string, { bucket, key }: ObjectRef): ObjectRef {
  return { bucket, key: keptKey(runId, key) };
}

/** Undefined when it is not the object that was found. Also when an earlier try has moved it and said no more. */
async function putAside(
  objects: Objects,
  runId: string,
  finding: FindingRow,
): Promise<NonNullable<Decision['kept']> | undefined> {
  const from = refOf(finding);
  const kept = asideOf(runId, from);
  const outcome = await objects.moveExactly(from, kept, finding.etag ?? '');
  if (outcome === 'changed') return undefined;
  const stat = await objects.stat(kept);
  return stat && { from, kept, etag: stat.etag };
}

async function repairOriginal(
  objects: Objects,
  tx: RepairTx,
  finding: FindingRow,
  confirm: () => Promise<void>,
): Promise<Decision> {
  const ref = refOf(finding);
  return withRow(tx, finding, async (row) => {
    if (await tx.isBeingSent(ref)) return BEING_SENT;
    if (await objects.stat(ref)) return skipped('The object is there again.');
    await confirm();
    for (const kept of await tx.keptCopies(ref)) {
      if ((await hashOf(objects, kept.kept)) !== finding.expected) continue;
      if ((await objects.moveExactly(kept.kept, ref, kept.etag)) !== 'done') continue;
      await tx.forgetKept(kept);
      return applied('It had been put aside, and is put back.');
    }
    const failed = await tx.markLost(row, LOST);
    return applied(`The photo can be sent again; ${failed} unfinished images of it ended with an error.`);
  });
}

async function repairImage(
  objects: Objects,
  runId: string,
  tx: RepairTx,
  finding: FindingRow,
  confirm: () => Promise<void>,
): Promise<Decision> {
  const row = await tx.lock(finding);
  if (!row) return ofTheSameImage(runId, tx, finding);
  if (finding.key !== null && (await objects.stat(refOf(finding))))
    return skipped('The object is there again.');
  return makeAgain(objects, tx, row, finding, confirm);
}

/** What was done about one result of an image was done about its others. */
async function ofTheSameImage(runId: string, tx: RepairTx, finding: FindingRow): Promise<Decision> {
  const before = await tx.changedBy(runId, finding);
  return before ? applied(`As finding ${before.seq}: ${before.outcome ?? ''}`) : MOVED;
}

async function makeAgain(
  objects: Objects,
  tx: RepairTx,
  row: LockedRow,
  { key }: FindingRow,
  confirm: () => Promise<void>,
): Promise<Decision> {
  const original = row.originalKey;
  const isThere = original !== null && (await objects.stat({ bucket: 'photos', key: original }));
  await confirm();
  if (isThere) {
    await tx.restage(row, newId('job'));
    return applied('The image is made once more.');
  }
  // Nobody can make the others again either: they are worth more than that all is as it should be.
  if (key !== null && (await tx.forgetResult(row, key)))
    return applied('The original is missing, too: the image keeps its other results.');
  await tx.markError(row, LOST);
  return applied('The original is missing, too: the image has ended with an error.');
}

async function repairMismatch(
  objects: Objects,
  runId: string,
  tx: RepairTx,
  finding: FindingRow,
  confirm: () => Promise<void>,
): Promise<Decision> {
  const row = await tx.lock(finding);
  if (!row) return ofTheSameImage(runId, tx, finding);
  if (await tx.isBeingSent(refOf(finding))) return BEING_SENT;
  const kept = await putAside(objects, runId, finding);
  if (!kept) return REPLACED;
  if (finding.repair === 'restage') return { ...(await makeAgain(objects, tx, row, finding, confirm)), kept };
  const failed = await tx.markLost(row, LOST);
  return {
    ...applied(
      `It is put aside, and can be sent again; ${failed} unfinished images of it ended with an error.`,
    ),
    kept,
  };
}

function refOf({ bucket, key, seq }: FindingRow): ObjectRef {
  if (bucket === null || key === null) throw new Error(`finding ${seq} names no object`);
  return { bucket, key };
}
