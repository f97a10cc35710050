import { createHash } from 'node:crypto';
import type { ReconcileKind } from '../../contract/index.ts';
import type { Checkpoint, NewFinding } from '../../ports/index.ts';

/** Each hash holds the one before it: so the last stands for all findings and their order. */
export function chain(hash: string, finding: NewFinding): string {
  const { kind, subject, bucket, key, version, etag, repair } = finding;
  return createHash('sha256')
    .update(JSON.stringify([hash, kind, subject, bucket, key, version, etag, repair]))
    .digest('hex');
}

export function addFindings(checkpoint: Checkpoint, findings: readonly NewFinding[]): Checkpoint {
  const counts: Partial<Record<ReconcileKind, number>> = { ...checkpoint.counts };
  let hash = checkpoint.planHash;
  for (const finding of findings) {
    counts[finding.kind] = (counts[finding.kind] ?? 0) + 1;
    hash = chain(hash, finding);
  }
  return { ...checkpoint, findings: checkpoint.findings + findings.length, counts, planHash: hash };
}

export const FIRST_CHECKPOINT: Checkpoint = {
  phase: 0,
  after: '',
  rows: 0,
  objects: 0,
  sides: { rows: 0, objects: 0 },
  findings: 0,
  counts: {},
  planHash: '',
  sentinelsSeen: [],
};
