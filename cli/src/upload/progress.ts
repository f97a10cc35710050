import type { Image, StageEvent, StageSummary } from '@stager/sdk';

export interface FileError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly retryable: boolean;
  /** Page on which it can be put right. */
  readonly link: string | null;
}

export interface ImageRecord {
  readonly id: string;
  /** As the API has it, as far as this run has heard. */
  state: Image['state'];
  readonly reused: boolean;
  error: FileError | null;
  readonly outputs: { readonly output: string; readonly path: string; readonly size: number }[];
}

export interface FileRecord {
  readonly file: string;
  /** Where it stands: `accepted` is found and perhaps on its way. */
  status: 'accepted' | 'uploaded' | 'existing' | 'skipped' | 'rejected' | 'failed';
  size: number;
  error: FileError | null;
  readonly images: Map<string, ImageRecord>;
}

export interface Working {
  readonly file: string;
  progress: number | undefined;
  stage: string | undefined;
}

/** Everything that is known of a run, kept up by its events. */
export class Progress {
  readonly files = new Map<string, FileRecord>();
  /** Images under work, oldest first. */
  readonly working = new Map<string, Working>();
  /** Photos to work on; what was left out is not among them. */
  found = 0;
  started = false;
  totalBytes = 0;
  /** Bytes that need not be sent any more: sent, or there before. */
  settledBytes = 0;
  /** Bytes that went over the network, retries included. */
  sentBytes = 0;
  /** Files whose bytes are dealt with, one way or the other. */
  settledFiles = 0;
  hashed = 0;
  uploaded = 0;
  existing = 0;
  skipped = 0;
  rejected = 0;
  failedFiles = 0;
  images = 0;
  ready = 0;
  failedImages = 0;
  downloaded = 0;
  summary: StageSummary | undefined;
  readonly #sending = new Map<string, number>();

  /** Bytes of `settledBytes` and of what is on its way. */
  get doneBytes(): number {
    let bytes = this.settledBytes;
    for (const sent of this.#sending.values()) bytes += sent;
    return bytes;
  }

  get uploading(): readonly string[] {
    return [...this.#sending.keys()];
  }

  take(event: StageEvent): void {
    switch (event.type) {
      case 'start':
        this.started = true;
        this.found = event.files;
        this.totalBytes = event.bytes;
        return;
      case 'done':
        this.summary = event.summary;
        return;
      case 'skipped':
        this.skipped += 1;
        this.#file(event.file).status = 'skipped';
        return;
      case 'hashed':
        this.hashed += 1;
        this.#file(event.file).size = event.size;
        return;
      case 'exists':
      case 'uploading':
      case 'uploaded':
        this.#takeTransfer(event);
        return;
      case 'rejected':
        this.rejected += 1;
        this.#file(event.file).size = event.size ?? 0;
        this.#refuse(event.file, 'rejected', event.error);
        return;
      default:
        this.#takeImage(event);
    }
  }

  #takeTransfer(event: Extract<StageEvent, { type: 'exists' | 'uploading' | 'uploaded' }>): void {
    const file = this.#file(event.file);
    if (event.type === 'uploading') {
      const before = this.#sending.get(event.file) ?? 0;
      this.sentBytes += Math.max(0, event.sent - before);
      this.#sending.set(event.file, event.sent);
      file.size = event.size;
      return;
    }
    this.#sending.delete(event.file);
    this.settledBytes += file.size;
    this.settledFiles += 1;
    file.status = event.type === 'exists' ? 'existing' : 'uploaded';
    if (event.type === 'exists') this.existing += 1;
    else this.uploaded += 1;
  }

  #takeImage(
    event: Extract<
      StageEvent,
      { type: 'created' | 'processing' | 'progress' | 'ready' | 'failed' | 'downloaded' }
    >,
  ): void {
    const file = this.#file(event.file);
    switch (event.type) {
      case 'created':
        this.images += 1;
        file.images.set(event.imageId, {
          id: event.imageId,
          state: event.image.state,
          reused: event.reused,
          error: null,
          outputs: [],
        });
        return;
      case 'processing':
        this.#setState(file, event.imageId, 'processing');
        this.working.set(event.imageId, { file: event.file, progress: undefined, stage: undefined });
        return;
      case 'progress': {
        const { file: name, progress, stage } = event;
        this.working.set(event.imageId, { file: name, progress, stage });
        return;
      }
      case 'ready':
        this.ready += 1;
        this.#endImage(file, event.imageId, 'ready', null);
        return;
      case 'failed':
        if (event.imageId === undefined) {
          this.failedFiles += 1;
          this.#refuse(event.file, 'failed', event.error);
        } else {
          this.#failImage(file, event.imageId, toFileError(event.error));
        }
        return;
      case 'downloaded': {
        const { output, path, size } = event;
        this.downloaded += 1;
        file.images.get(event.imageId)?.outputs.push({ output, path, size });
        return;
      }
    }
  }

  /** An image that was ready has failed to be saved: it stays ready. */
  #failImage(file: FileRecord, id: string, error: FileError): void {
    const wasReady = file.images.get(id)?.state === 'ready';
    if (!wasReady) this.failedImages += 1;
    this.#endImage(file, id, wasReady ? 'ready' : 'error', error);
  }

  #setState(file: FileRecord, id: string, state: Image['state']): void {
    const image = file.images.get(id);
    if (image) image.state = state;
  }

  #endImage(file: FileRecord, id: string, state: 'ready' | 'error', error: FileError | null): void {
    this.working.delete(id);
    const image = file.images.get(id);
    if (!image) return;
    image.state = state;
    image.error = error;
  }

  #refuse(name: string, status: 'rejected' | 'failed', error: ErrorOfEvent): void {
    const file = this.#file(name);
    // What was there or was sent before stays counted as that; only the last status is told.
    this.#sending.delete(name);
    // Nothing more of it has to be sent.
    if (file.status === 'accepted') {
      this.settledBytes += file.size;
      this.settledFiles += 1;
    }
    file.status = status;
    file.error = toFileError(error);
  }

  #file(name: string): FileRecord {
    let file = this.files.get(name);
    if (!file) {
      file = { file: name, status: 'accepted', size: 0, error: null, images: new Map() };
      this.files.set(name, file);
    }
    return file;
  }
}

type ErrorOfEvent = Extract<StageEvent, { type: 'rejected' }>['error'];

function toFileError({ code, message, hint, retryable, link }: ErrorOfEvent): FileError {
  return { code, message, hint: hint ?? null, retryable, link: link ?? null };
}
