import type { z } from 'zod';

/** Where an engine runs: CPU work in a child process, calls to a remote model in the worker itself. */
export type EnginePlace = 'child' | 'inline';

export interface EngineOutputSpec {
  readonly name: string;
  /** What the engine writes unless a parameter asks for another type. */
  readonly contentType: string;
  readonly description: string;
}

/** What an engine takes and gives. Data only: the implementation lives in the worker. */
export interface EngineDescriptor {
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  /** Changes whenever the same photo, parameters and seed would give other bytes. */
  readonly version: string;
  /** Empty when the engine takes no room type. */
  readonly rooms: readonly string[];
  /** Empty when the engine takes no style. */
  readonly styles: readonly string[];
  /** Why it takes no room type or style, as the end of a sentence; null when it takes both. */
  readonly choiceless: string | null;
  readonly params: z.ZodObject;
  readonly outputs: readonly EngineOutputSpec[];
  readonly place: EnginePlace;
  readonly maxVariations: number;
  readonly takesSeed: boolean;
  /** Kinds of furniture that a layout may be made of; empty when the engine takes no layout. */
  readonly pieces: readonly string[];
  /** Longest run of one image, milliseconds. */
  readonly timeoutMs: number;
  /** Resident memory of one run, MiB, with the runtime itself (about 80 MiB). */
  readonly memoryMb: number;
}
