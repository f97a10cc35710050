import type { Photo } from '../files/discover.ts';
import type { Slab } from './slabs.ts';
import type { StageError } from './types.ts';

export interface FileEntry {
  /** As the user knows it. */
  readonly name: string;
  /** What its results are called, without output and ending. */
  readonly stem: string;
}

/** One file on its way. */
export interface Job {
  readonly file: FileEntry;
  readonly source: Photo;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
  /** Held on a slab until they are sent, when memory allows. */
  bytes: Slab | undefined;
  originalId: string | undefined;
  /** Why it has no original and gets none. */
  ended: { readonly kind: 'rejected' | 'failed'; readonly error: StageError } | undefined;
  /** Tickets that were used up. */
  tickets: number;
  /** Files with the same bytes: they wait for this one instead of sending them again. */
  readonly twins: Job[];
}

export function createJob(
  facts: Pick<Job, 'file' | 'source' | 'sha256' | 'size' | 'contentType' | 'bytes'>,
): Job {
  return { ...facts, originalId: undefined, ended: undefined, tickets: 0, twins: [] };
}
