// Written by `npm run generate` from the contract.

/** Every kind of drift that reconciliation finds. */
export const RECONCILE_KINDS = [
  'missing_original',
  'missing_output',
  'ready_without_output',
  'orphan_object',
  'size_mismatch',
  'hash_mismatch',
  'stuck_queued',
  'stuck_processing',
  'job_without_image',
  'upload_unfinalized',
  'multipart_leftover',
  'ledger_mismatch',
  'subscription_mismatch',
] as const;

/** What may have become of a finding. */
export const FINDING_STATES = ['open', 'applied', 'skipped', 'undone'] as const;
