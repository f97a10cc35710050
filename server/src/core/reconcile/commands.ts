import type { ReconcileInput } from '../../contract/index.ts';
import type { ReconcileRunRow } from '../../ports/index.ts';
import type { AdminAct } from '../admin/context.ts';
import { audit } from '../context.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { applyUntil, isWorking } from './present.ts';

export async function startRun(act: AdminAct, wish: ReconcileInput): Promise<ReconcileRunRow> {
  const { tx } = act;
  const { projectId = null, kinds = null, since, deep } = wish;
  const accountId = projectId === null ? null : await tx.reconcile.accountOfProject(projectId);
  if (accountId === undefined) throw new DomainError('not_found', `There is no project ${projectId}.`);
  const run = await tx.reconcile.create(newId('rec'), {
    projectId,
    accountId,
    kinds,
    since: since === undefined ? null : new Date(since),
    deep,
    requestedBy: act.caller.principal,
  });
  if (!run) throw await twinOf(act, projectId);
  await audit(act, 'reconcile.start', [run.id]);
  return run;
}

export async function getRun({ tx }: AdminAct, id: string): Promise<ReconcileRunRow> {
  return (await tx.reconcile.get(id)) ?? notThere(id);
}

/** Two that look at the same would act on the same. */
async function twinOf({ tx }: AdminAct, projectId: string | null): Promise<DomainError> {
  const twin = await tx.reconcile.underWay(projectId);
  if (!twin) return new DomainError('invalid_state', 'Another run was under way until now. Try again.');
  const scope = twin.projectId === null ? 'the whole installation' : `project ${twin.projectId}`;
  return new DomainError(
    'invalid_state',
    `Run ${twin.id} of ${scope} is ${twin.state}, and looks at the same. Wait for it, or cancel it.`,
  );
}

async function lockRun({ tx }: AdminAct, id: string): Promise<ReconcileRunRow> {
  return (await tx.reconcile.getForUpdate(id)) ?? notThere(id);
}

function notThere(id: string): never {
  throw new DomainError('not_found', `There is no run ${id}.`);
}

export async function applyRun(
  act: AdminAct,
  id: string,
  override: string | undefined,
): Promise<ReconcileRunRow> {
  const run = await lockRun(act, id);
  const refusal = refuseApply(run, override, act.now);
  if (refusal) throw new DomainError('invalid_state', refusal);
  if (!(await act.tx.reconcile.queue(id, 'apply', act.caller.principal, override !== undefined)))
    throw await twinOf(act, run.projectId);
  await audit(act, 'reconcile.apply', [id], override === undefined ? null : 'override');
  return getRun(act, id);
}

/** Why a run cannot be applied; null when it can. */
export function refuseApply(run: ReconcileRunRow, override: string | undefined, now: Date): string | null {
  const { id, state, changesMax, reason, checkpoint } = run;
  if (isWorking(run)) return `Run ${id} is under way.`;
  // A listing that failed, or that was not seen to its end, is no ground for anything: no override helps.
  if (changesMax === null || !['scanned', 'stopped', 'failed', 'canceled'].includes(state))
    return `Run ${id} is ${state}: there is nothing to apply. Start another.`;
  if (now >= applyUntil(run)) return `Run ${id} is older than 24 hours. Start another.`;
  if (override !== undefined && override !== id) return `The override names another run than ${id}.`;
  if (override !== undefined) return null;
  const changes = checkpoint?.findings ?? 0;
  if (state === 'stopped') return `${reason?.message} Override it by naming the run, if it is meant.`;
  if (changes > changesMax)
    return `${changes} changes are more than ${changesMax}. Override it by naming the run, if it is meant.`;
  return null;
}

export async function undoRun(act: AdminAct, id: string): Promise<ReconcileRunRow> {
  const run = await lockRun(act, id);
  if (isWorking(run)) throw new DomainError('invalid_state', `Run ${id} is under way.`);
  if (run.appliedBy === null)
    throw new DomainError('invalid_state', `Run ${id} was not applied: there is nothing to undo.`);
  if (!(await act.tx.reconcile.queue(id, 'undo', act.caller.principal, run.override)))
    throw await twinOf(act, run.projectId);
  await audit(act, 'reconcile.undo', [id]);
  return getRun(act, id);
}

export async function cancelRun(act: AdminAct, id: string): Promise<ReconcileRunRow> {
  const run = await lockRun(act, id);
  if (!isWorking(run)) throw new DomainError('invalid_state', `Run ${id} is ${run.state}: it has ended.`);
  await act.tx.reconcile.cancel(id);
  await audit(act, 'reconcile.cancel', [id]);
  return getRun(act, id);
}
