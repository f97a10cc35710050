import type { Announced, Examined } from '../../core/uploads/examine.ts';
import type { InspectLimits } from '../../core/uploads/inspect/index.ts';

export interface Question {
  readonly id: number;
  /** Seen by both threads: nothing is copied. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly announced: Announced;
  readonly limits: InspectLimits;
}

export interface Answer {
  readonly id: number;
  readonly examined: Examined;
}
