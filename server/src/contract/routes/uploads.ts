import { defineRoute } from '../route.ts';
import { CreateUploads, FinalizedUploads, FinalizeUploads, UploadTickets } from '../schemas/uploads.ts';

export const createUploads = defineRoute({
  name: 'createUploads',
  method: 'POST',
  path: '/v1/uploads',
  tag: 'Uploads',
  summary: 'Ask for up to 100 presigned uploads',
  description:
    'Answers per file with `exists` when this account has the same bytes already, else with a PUT that is signed ' +
    'for exactly this length, type and SHA-256. Send the bytes, then call finalizeUploads.',
  scope: 'images:write',
  role: 'member',
  rate: 'write',
  body: CreateUploads,
  success: { status: 200, schema: UploadTickets, description: 'One result per file' },
  errors: [],
  idempotent: 'recompute',
});

export const finalizeUploads = defineRoute({
  name: 'finalizeUploads',
  method: 'POST',
  path: '/v1/uploads/finalize',
  tag: 'Uploads',
  summary: 'Verify up to 100 uploads and turn them into originals',
  description:
    'Hashes the stored bytes and checks size, format, structure and pixel count. Nothing is decoded before this ' +
    'has passed. Safe to call again: an upload that is ready answers with its original.',
  scope: 'images:write',
  role: 'member',
  rate: 'write',
  body: FinalizeUploads,
  success: { status: 200, schema: FinalizedUploads, description: 'One result per id' },
  errors: [],
  idempotent: 'recompute',
});
