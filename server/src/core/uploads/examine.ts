import { hash } from 'node:crypto';
import type { UploadRow } from '../../ports/index.ts';
import { type Inspection, type InspectionCode, type InspectLimits, inspectImage } from './inspect/index.ts';

/** What the client said about the bytes before it sent them. */
export type Announced = Pick<UploadRow, 'sha256' | 'contentType'>;

export type Examined =
  | Extract<Inspection, { ok: true }>
  | {
      readonly ok: false;
      readonly code: InspectionCode | 'checksum_mismatch';
      readonly message: string;
    };

/** Where `examine` runs is for the process to say: it takes some milliseconds for each photo. */
export type Examine = (
  bytes: Buffer<SharedArrayBuffer>,
  announced: Announced,
  limits: InspectLimits,
) => Promise<Examined>;

/** Whether bytes have the announced hash, and a decoder may see them. Decodes nothing, never throws. */
export function examine(bytes: Buffer, announced: Announced, limits: InspectLimits): Examined {
  if (hash('sha256', bytes, 'hex') !== announced.sha256) {
    return {
      ok: false,
      code: 'checksum_mismatch',
      message: 'The bytes that arrived do not have the announced SHA-256.',
    };
  }
  return inspectImage(bytes, announced.contentType, limits);
}
