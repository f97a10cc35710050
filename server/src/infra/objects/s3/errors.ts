import { ObjectStoreError } from '../../../ports/index.ts';
import { StoreBusy, StoreSilent } from './transport.ts';

const HINTS: Readonly<Record<ObjectStoreError['code'], string>> = {
  full: 'The photo store is full.',
  denied: 'The photo store does not let us: check its keys, its region and the names of its buckets.',
  unreachable: 'The photo store does not answer.',
  failed: 'The photo store has failed.',
};

const FULL = new Set(['XMinioStorageFull', 'QuotaExceeded', 'XMinioAdminBucketQuotaExceeded']);
const DENIED = new Set([
  'AccessDenied',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AuthorizationHeaderMalformed',
  'RequestTimeTooSkewed',
  'NoSuchBucket',
  'AllAccessDisabled',
]);

/** Of an error of the store, `NoSuchKey` for instance, or of the system below, `ECONNREFUSED`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'NoSuchKey' || code === 'NotFound' || code === 'NoSuchUpload';
}

export function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
  return undefined;
}

export function toStoreError(error: unknown, signal?: AbortSignal): unknown {
  if (error instanceof ObjectStoreError) return error;
  // Whoever aborted knows why; to call that a fault of the store would be wrong.
  if (signal?.aborted) return signal.reason;
  const code = kindOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  return new ObjectStoreError(code, `${HINTS[code]} ${reason}`.trim(), { cause: error });
}

function kindOf(error: unknown): ObjectStoreError['code'] {
  if (error instanceof StoreBusy || error instanceof StoreSilent) return 'unreachable';
  const code = codeOf(error);
  if (FULL.has(code)) return 'full';
  if (DENIED.has(code)) return 'denied';
  if (code === 'SlowDown' || code === 'EPROTO' || /^E[A-Z]+$/.test(code)) return 'unreachable';
  return 'failed';
}
