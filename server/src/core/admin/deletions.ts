import type { Deletion, DeletionInput, DeletionState } from '../../contract/index.ts';
import type { DeletionRow } from '../../ports/index.ts';
import { audit } from '../context.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { getAccount } from './accounts.ts';
import { type AdminAct, actOn } from './context.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** By then every process knows that the account is suspended, and what was under way has ended. */
const LEAST_GRACE_MS = 30_000;

export async function deleteAccount(
  act: AdminAct,
  id: string,
  { name, graceDays }: DeletionInput,
): Promise<DeletionRow> {
  const { tx, caller, now } = act;
  const account = await getAccount(act, id);
  const ordered = await tx.deletions.latest(id);
  if (ordered && !ordered.canceledAt) return ordered;
  if (id === caller.accountId) throw refused('This is your own account.');
  if (name !== account.name) {
    const message = 'is not what the account is called, to the letter';
    throw new DomainError('invalid_request', `body.name ${message}.`, {
      issues: [{ path: 'body.name', message }],
    });
  }
  if (await tx.deletions.hasOperators(id)) {
    throw refused('An operator belongs to it: take that role back first, with revoke-admin on the host.');
  }
  await refuseSubscription(act, id);
  await tx.accounts.setSuspended(id, true);
  const dueAt = new Date(now.getTime() + Math.max(graceDays * DAY_MS, LEAST_GRACE_MS));
  await tx.deletions.create({ id: newId('del'), accountId: id, requestedBy: caller.principal, dueAt });
  await audit(actOn(act, id), 'account.delete', [id], `due ${dueAt.toISOString()}`);
  return latest(act, id);
}

/** Stripe would go on charging for what is not there any more. */
async function refuseSubscription({ tx }: AdminAct, id: string): Promise<void> {
  const running = await tx.deletions.runningSubscription(id);
  if (!running) return;
  throw refused(
    `Its subscription ${running.id} (${running.plan}, ${running.status}) is running. Cancel it at Stripe, at once ` +
      'rather than at the end of its period, and try again when we have been told: within a minute.',
  );
}

export async function cancelDeletion(act: AdminAct, id: string): Promise<DeletionRow> {
  const ordered = await latest(act, id);
  if (ordered.canceledAt) return ordered;
  if (!(await act.tx.deletions.cancel(ordered.id))) throw refused('It has begun, and cannot be taken back.');
  await audit(actOn(act, id), 'account.keep', [id]);
  return latest(act, id);
}

export async function latest({ tx }: AdminAct, id: string): Promise<DeletionRow> {
  const found = await tx.deletions.latest(id);
  if (!found) throw new DomainError('not_found', `No deletion of an account ${id} was ordered.`);
  return found;
}

function refused(why: string): DomainError {
  return new DomainError('invalid_state', `${why} Nothing was changed.`);
}

export function presentDeletion(row: DeletionRow): Deletion {
  const { id, accountId, requestedBy, requestedAt, dueAt, startedAt, lastLookAt, finishedAt, rows } = row;
  return {
    id,
    accountId,
    state: stateOf(row),
    requestedBy,
    requestedAt: requestedAt.toISOString(),
    dueAt: dueAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    lastLookAt: lastLookAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
    rows: { ...rows },
    objects: { count: row.objects, bytes: row.bytes, keysSha256: row.keysHash || null },
  };
}

function stateOf({ canceledAt, startedAt, rowsGoneAt, finishedAt }: DeletionRow): DeletionState {
  if (canceledAt) return 'canceled';
  if (finishedAt) return 'done';
  if (rowsGoneAt) return 'settling';
  return startedAt ? 'erasing' : 'scheduled';
}
