import { defineRoute } from '../route.ts';
import { PageQuery } from '../schemas/common.ts';
import {
  FindingsQuery,
  ReconcileApply,
  ReconcileEvent,
  ReconcileFindingPage,
  ReconcileInput,
  ReconcileRun,
  ReconcileRunPage,
  RunParams,
} from '../schemas/reconcile.ts';

export const startReconcile = defineRoute({
  name: 'startReconcile',
  method: 'POST',
  path: '/v1/admin/reconcile/runs',
  tag: 'Reconcile',
  summary: 'Look for drift between rows, objects, jobs, ledger and subscriptions',
  description:
    'A dry run: what is found is written down, and nothing else changes. A worker does it; `GET` the run, or follow its ' +
    'events. One of the whole installation is alone; those of several projects may be under way at the same time.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  body: ReconcileInput,
  success: { status: 201, schema: ReconcileRun, description: 'The run, waiting for a worker' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});

export const listReconcileRuns = defineRoute({
  name: 'listReconcileRuns',
  method: 'GET',
  path: '/v1/admin/reconcile/runs',
  tag: 'Reconcile',
  summary: 'List runs, newest first',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  query: PageQuery,
  success: { status: 200, schema: ReconcileRunPage, description: 'A page of runs' },
  errors: ['cursor_invalid'],
});

export const getReconcileRun = defineRoute({
  name: 'getReconcileRun',
  method: 'GET',
  path: '/v1/admin/reconcile/runs/:runId',
  tag: 'Reconcile',
  summary: 'Read a run',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  params: RunParams,
  success: { status: 200, schema: ReconcileRun, description: 'The run' },
  errors: ['not_found'],
});

export const listReconcileFindings = defineRoute({
  name: 'listReconcileFindings',
  method: 'GET',
  path: '/v1/admin/reconcile/runs/:runId/findings',
  tag: 'Reconcile',
  summary: 'List what a run has found, in order, and what became of it',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  params: RunParams,
  query: FindingsQuery,
  success: { status: 200, schema: ReconcileFindingPage, description: 'A page of findings' },
  errors: ['cursor_invalid', 'not_found'],
});

export const followReconcileRun = defineRoute({
  name: 'followReconcileRun',
  method: 'GET',
  path: '/v1/admin/reconcile/runs/:runId/events',
  tag: 'Reconcile',
  summary: 'Follow the progress of a run as server-sent events',
  description:
    'The run as it is, and again whenever that has changed, at most twice a second. Ends behind the event in which no ' +
    'worker has anything left to do with the run.',
  scope: 'admin:read',
  role: 'admin',
  rate: 'stream',
  params: RunParams,
  success: {
    status: 200,
    schema: ReconcileEvent,
    description: 'Server-sent events',
    stream: 'text/event-stream',
  },
  errors: ['not_found'],
});

export const applyReconcile = defineRoute({
  name: 'applyReconcile',
  method: 'POST',
  path: '/v1/admin/reconcile/runs/:runId/apply',
  tag: 'Reconcile',
  summary: 'Repair what a run has found',
  description:
    'Acts on the findings of this run alone. What has changed since is skipped and listed. Refused 24 hours after the run; ' +
    'a run that was stopped, or that changes more than is usual, needs the override.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: RunParams,
  body: ReconcileApply,
  success: { status: 200, schema: ReconcileRun, description: 'The run, waiting for a worker' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});

export const undoReconcile = defineRoute({
  name: 'undoReconcile',
  method: 'POST',
  path: '/v1/admin/reconcile/runs/:runId/undo',
  tag: 'Reconcile',
  summary: 'Put back what a run has put aside',
  description:
    'Possible for 7 days, until it is purged. An original that did not fit its row counts again, and the next run finds it ' +
    'again. What was made once more, or ended, stays so.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: RunParams,
  success: { status: 200, schema: ReconcileRun, description: 'The run, waiting for a worker' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});

export const cancelReconcile = defineRoute({
  name: 'cancelReconcile',
  method: 'POST',
  path: '/v1/admin/reconcile/runs/:runId/cancel',
  tag: 'Reconcile',
  summary: 'End a run that is under way',
  description: 'Within seconds; what was found or repaired before stays.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: RunParams,
  success: { status: 200, schema: ReconcileRun, description: 'The run' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});
