import type { Image, Layout, Priority } from '../generated/types.ts';

/** A path of a file or a folder, or a photo under a name of its own. */
export type StageSource =
  | string
  | { readonly name: string; readonly path: string }
  | { readonly name: string; readonly bytes: Uint8Array };

/** A photo that was found; `path` is undefined for bytes. */
export interface FoundFile {
  /** Unique in this run: a POSIX path relative to the source. */
  readonly name: string;
  readonly path: string | undefined;
  /** Bytes. */
  readonly size: number;
}

export interface StageOptions {
  /** Id of the project that the images belong to. */
  readonly project?: string | undefined;
  /** @default that of the catalog */
  readonly engine?: string | undefined;
  readonly roomType?: string | undefined;
  readonly style?: string | undefined;
  readonly seed?: number | undefined;
  /** Images per photo. @default 1 */
  readonly variations?: number | undefined;
  /** Options of the engine; see the catalog. */
  readonly params?: Readonly<Record<string, string | number | boolean>> | undefined;
  /**
   * Render this layout instead of having one chosen: in the photo that it was made in as it stands, in other photos of
   * the same room where the room is found again. Takes no variations.
   */
  readonly layout?: Layout | undefined;
  /** Most uploads at the same time; it begins with 4 and adapts. @default 8 */
  readonly concurrency?: number | undefined;
  /** Wait until the images have ended. @default true with `out`, else false */
  readonly wait?: boolean | undefined;
  /** Folder that the outputs are saved in, as `<name>.<output>.<ending>`. Implies `wait`. */
  readonly out?: string | undefined;
  /** Outputs to save. @default all */
  readonly outputs?: readonly string[] | undefined;
  /** Take images that were made of the same photo with the same options before. @default true */
  readonly reuse?: boolean | undefined;
  /** Which images of the account are made first; `low` suits bulk re-runs. @default 'normal' */
  readonly priority?: Priority | undefined;
  /** Look at the files and send nothing. @default false */
  readonly dryRun?: boolean | undefined;
  /** Tries again for each step behind the first; a run of many photos may outlive a server's restart. @default that of the client */
  readonly maxRetries?: number | undefined;
  /** Ends the run with an AbortError; what was finished stays finished. */
  readonly signal?: AbortSignal | undefined;
  /** Keeps a file when it answers true; asked for each photo that was found. */
  readonly files?: ((file: FoundFile) => boolean) | undefined;
}

/** Why one file, or one of its images, did not make it. */
export interface StageError {
  /** Stable snake_case word. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Whether running it again may help. */
  readonly retryable: boolean;
  /** Address of a page on which it can be put right, with `quota_exceeded`. */
  readonly link?: string | undefined;
}

/** What happens during `stager.stage()`, in order for each file. */
export type StageEvent =
  /** The folders were read. */
  | { readonly type: 'start'; readonly files: number; readonly bytes: number }
  /** Left out: no photo by its content, or by the `files` option. */
  | { readonly type: 'skipped'; readonly file: string; readonly reason: 'not_a_photo' | 'filtered' }
  | {
      readonly type: 'hashed';
      readonly file: string;
      readonly sha256: string;
      readonly size: number;
      readonly contentType: string;
    }
  /** Its bytes are there already and are not sent. */
  | { readonly type: 'exists'; readonly file: string; readonly originalId: string }
  /** Bytes handed to the network so far; 0 at the start, and again for a retry. */
  | { readonly type: 'uploading'; readonly file: string; readonly sent: number; readonly size: number }
  | { readonly type: 'uploaded'; readonly file: string; readonly originalId: string; readonly size: number }
  /** The file cannot be used; its size is unknown when it could not be looked at. No later event follows for it. */
  | {
      readonly type: 'rejected';
      readonly file: string;
      readonly size: number | undefined;
      readonly error: StageError;
    }
  /** One per variation. */
  | {
      readonly type: 'created';
      readonly file: string;
      readonly imageId: string;
      readonly image: Image;
      readonly reused: boolean;
    }
  | { readonly type: 'processing'; readonly file: string; readonly imageId: string; readonly attempt: number }
  | {
      readonly type: 'progress';
      readonly file: string;
      readonly imageId: string;
      /** 0 to 1. */
      readonly progress: number;
      readonly stage: string | undefined;
    }
  | { readonly type: 'ready'; readonly file: string; readonly imageId: string; readonly image: Image }
  /** The upload or the image failed; `imageId` when there is one. */
  | {
      readonly type: 'failed';
      readonly file: string;
      readonly imageId: string | undefined;
      readonly error: StageError;
    }
  | {
      readonly type: 'downloaded';
      readonly file: string;
      readonly imageId: string;
      readonly output: string;
      readonly path: string;
      /** Bytes. */
      readonly size: number;
      /** It was there already, with the same bytes. */
      readonly skipped: boolean;
    }
  /** The last event. */
  | { readonly type: 'done'; readonly summary: StageSummary };

/** How a run ended. Files: `found = skipped + rejected + failed + those with originals`. */
export interface StageSummary {
  readonly found: number;
  readonly skipped: number;
  readonly rejected: number;
  /** Files whose upload failed, and images that did not get ready. */
  readonly failed: number;
  readonly uploaded: number;
  /** Files whose bytes were there already. */
  readonly existing: number;
  /** Bytes of photos that were sent. */
  readonly bytesSent: number;
  /** One per file and variation, reused ones included. */
  readonly images: number;
  readonly reused: number;
  readonly ready: number;
  /** Files saved, and those that were there already. */
  readonly downloaded: number;
  readonly unchanged: number;
  readonly durationMs: number;
}
