import { defineRoute } from '../route.ts';
import {
  DeadLetterPage,
  DeadLetterQuery,
  Job,
  JobChange,
  JobListQuery,
  JobPage,
  JobParams,
  ReplayedBatch,
  ReplayInput,
} from '../schemas/jobs.ts';

export const listJobs = defineRoute({
  name: 'listJobs',
  method: 'GET',
  path: '/v1/admin/jobs',
  tag: 'Admin',
  summary: 'List jobs of all accounts, newest first',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  query: JobListQuery,
  success: { status: 200, schema: JobPage, description: 'A page of jobs' },
  errors: ['cursor_invalid'],
});

export const getJob = defineRoute({
  name: 'getJob',
  method: 'GET',
  path: '/v1/admin/jobs/:jobId',
  tag: 'Admin',
  summary: 'Read a job',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  params: JobParams,
  success: { status: 200, schema: Job, description: 'The job' },
  errors: ['not_found'],
});

export const retryJob = defineRoute({
  name: 'retryJob',
  method: 'POST',
  path: '/v1/admin/jobs/:jobId/retry',
  tag: 'Admin',
  summary: 'Queue the image of a job again, as its owner would',
  description:
    'It takes a unit of the plan of the account. To repeat what failed by our fault, replay it instead.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: JobParams,
  success: { status: 200, schema: JobChange, description: 'The image, queued' },
  errors: ['not_found', 'invalid_state', 'quota_exceeded'],
  idempotent: 'store',
});

export const cancelJob = defineRoute({
  name: 'cancelJob',
  method: 'POST',
  path: '/v1/admin/jobs/:jobId/cancel',
  tag: 'Admin',
  summary: 'Cancel the image of a job, as its owner would',
  description: 'Its unit of the plan is given back.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: JobParams,
  success: { status: 200, schema: JobChange, description: 'The image, canceled' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});

export const listDeadLetters = defineRoute({
  name: 'listDeadLetters',
  method: 'GET',
  path: '/v1/admin/dead-letters',
  tag: 'Admin',
  summary: 'List jobs that have ended for good and whose image has failed, the latest first',
  description: 'Images that were deleted, or queued again since, are not listed.',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  query: DeadLetterQuery,
  success: { status: 200, schema: DeadLetterPage, description: 'A page of dead letters' },
  errors: ['cursor_invalid'],
});

export const replayDeadLetters = defineRoute({
  name: 'replayDeadLetters',
  method: 'POST',
  path: '/v1/admin/dead-letters/replay',
  tag: 'Admin',
  summary: 'Queue up to 100 dead jobs again, with all their attempts',
  description:
    'Each item fails or succeeds alone. No unit of the plan is taken: what failed by our fault costs nothing.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  body: ReplayInput,
  success: { status: 200, schema: ReplayedBatch, description: 'One result per job' },
  errors: [],
  idempotent: 'store',
});
