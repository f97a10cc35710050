import { delay } from '../core/abort.ts';
import { AbortError, TransferError } from '../core/errors.ts';
import { Gate } from '../core/gate.ts';
import { backoff, RETRY_AFTER_CAP_MS } from '../core/retry.ts';
import { BATCH_MAX } from '../generated/constants.ts';
import type { FinalizedUpload, UploadTicket } from '../generated/types.ts';
import { Batcher } from './batcher.ts';
import { isFatal, type StageContext, stageErrorOf } from './context.ts';
import type { Job } from './job.ts';
import { AdaptivePool } from './pool.ts';
import { type PutTicket, putPhoto } from './put.ts';
import type { Slabs } from './slabs.ts';
import type { StageError } from './types.ts';

const START = 4;
const DEFAULT_MOST = 8;
/** Tickets for one photo, the first included. */
const TICKETS = 3;
/** The API hashes every byte of what it finalizes: small batches answer sooner. */
const FINALIZE_MAX = 20;
/** Hashing is faster than asking: a few photos come together in this time, and nothing waits for long. */
const TICKETS_PACE_MS = 20;
const FINALIZE_PACE_MS = 250;
/** Between two `uploading` events of a file, in milliseconds. */
const PROGRESS_MS = 100;

const NO_ANSWER: StageError = {
  code: 'invalid_answer',
  message: 'The API said nothing about this file.',
  retryable: false,
};

interface Sent {
  readonly job: Job;
  readonly uploadId: string;
}

/** Brings photos to the store: tickets, bytes and finalizing, each as soon as the step before is done. */
export class Uploader {
  readonly #context: StageContext;
  readonly #slabs: Slabs;
  readonly #onOriginal: (job: Job) => void;
  readonly #pool: AdaptivePool;
  readonly #gate = new Gate();
  readonly #tickets: Batcher<Job>;
  readonly #finals: Batcher<Sent>;
  readonly #leaders = new Map<string, Job>();
  #open = 0;
  #idle: (() => void)[] = [];

  /** @param onOriginal gets every job when its photo is an original of the account */
  constructor(context: StageContext, slabs: Slabs, batchMax: number, onOriginal: (job: Job) => void) {
    this.#context = context;
    this.#slabs = slabs;
    this.#onOriginal = onOriginal;
    this.#pool = new AdaptivePool(START, context.options.concurrency ?? DEFAULT_MOST);
    const max = Math.min(BATCH_MAX, batchMax);
    // While there are links for another round, photos gather for a fuller call.
    this.#tickets = new Batcher(
      max,
      2,
      TICKETS_PACE_MS,
      (jobs) => this.#askTickets(jobs),
      () => this.#pool.waiting >= this.#pool.limit,
    );
    this.#finals = new Batcher(Math.min(FINALIZE_MAX, max), 2, FINALIZE_PACE_MS, (sent) =>
      this.#finalize(sent),
    );
  }

  add(job: Job): void {
    const leader = this.#leaders.get(job.sha256);
    if (!leader) {
      this.#leaders.set(job.sha256, job);
      this.#open += 1;
      this.#tickets.add(job);
      return;
    }
    this.#freeBytes(job);
    if (leader.originalId !== undefined) this.#adopt(job, leader.originalId);
    else if (leader.ended) this.#end(job, leader.ended);
    else leader.twins.push(job);
  }

  /** Resolves when every job that was added has an original or has ended. */
  settled(): Promise<void> {
    if (this.#open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  async #askTickets(jobs: Job[]): Promise<void> {
    try {
      const { transport, signal, maxRetries } = this.#context;
      const files = jobs.map(({ sha256, size, contentType }) => ({ sha256, size, contentType }));
      const { results } = await transport.request(
        'createUploads',
        { body: { files } },
        { signal, maxRetries },
      );
      for (const [i, job] of jobs.entries()) this.#useTicket(job, results[i]);
    } catch (error) {
      this.#batchFailed(jobs, error);
    }
  }

  #useTicket(job: Job, ticket: UploadTicket | undefined): void {
    if (ticket?.status === 'exists') {
      this.#adopt(job, ticket.original.id);
      this.#close(job, (twin) => this.#adopt(twin, ticket.original.id));
    } else if (ticket?.status === 'upload') {
      void this.#pool
        .run(() => this.#put(job, ticket))
        .catch((error: unknown) => this.#failed(job, error))
        .finally(() => this.#tickets.poke());
    } else {
      this.#rejected(job, ticket?.error ?? NO_ANSWER);
    }
  }

  async #put(job: Job, ticket: PutTicket): Promise<void> {
    const { signal, transport, maxRetries } = this.#context;
    for (let tried = 1; ; tried += 1) {
      if (signal.aborted) throw new AbortError(signal.reason);
      if (this.#context.noRoom !== undefined) throw this.#context.noRoom;
      await this.#gate.pass(signal);
      const result = await putPhoto({
        fetch: transport.settings.fetch,
        ticket,
        source: { bytes: job.bytes ?? job.source.bytes, path: job.source.path },
        idleMs: transport.settings.timeoutMs,
        signal,
        onSent: this.#progress(job),
      });
      if (result.kind === 'sent') {
        this.#pool.succeeded();
        this.#freeBytes(job);
        this.#context.count('bytesSent', job.size);
        this.#finals.add({ job, uploadId: ticket.uploadId });
        if (this.#pool.waiting === 0) this.#finals.flush();
        return;
      }
      if (result.kind === 'refused') throw result.error;
      if (result.kind === 'later') this.#pool.setBack();
      const useless = result.kind === 'expired' || Date.parse(ticket.expiresAt) <= Date.now();
      if (useless) return this.#again(job, result.error);
      if (tried > maxRetries) throw result.error;
      const asked = result.kind === 'later' ? result.retryAfterMs : undefined;
      if (asked !== undefined) this.#gate.close(Math.min(asked, RETRY_AFTER_CAP_MS));
      else await delay(backoff(tried - 1, Math.random()), signal);
    }
  }

  /** With a fresh ticket. */
  #again(job: Job, error: unknown): void {
    job.tickets += 1;
    if (job.tickets >= TICKETS) this.#failed(job, error);
    else this.#tickets.add(job);
  }

  #progress(job: Job): (sent: number) => void {
    let last = Number.NEGATIVE_INFINITY;
    return (sent) => {
      const now = performance.now();
      if (now - last < PROGRESS_MS && sent < job.size) return;
      last = now;
      this.#context.emit({ type: 'uploading', file: job.file.name, sent, size: job.size });
    };
  }

  async #finalize(sent: Sent[]): Promise<void> {
    try {
      const { transport, signal, maxRetries } = this.#context;
      const uploadIds = sent.map(({ uploadId }) => uploadId);
      const { results } = await transport.request(
        'finalizeUploads',
        { body: { uploadIds } },
        { signal, maxRetries },
      );
      for (const [i, { job }] of sent.entries()) this.#useFinal(job, results[i]);
    } catch (error) {
      this.#batchFailed(
        sent.map(({ job }) => job),
        error,
      );
    }
  }

  #useFinal(job: Job, result: FinalizedUpload | undefined): void {
    if (result?.status === 'ready') {
      const originalId = result.original.id;
      job.originalId = originalId;
      this.#context.count('uploaded');
      this.#context.emit({ type: 'uploaded', file: job.file.name, originalId, size: job.size });
      this.#onOriginal(job);
      this.#close(job, (twin) => this.#adopt(twin, originalId));
    } else if (result?.error.retryable) {
      const { code, message } = result.error;
      this.#again(job, new TransferError(message, { code, retryable: true }));
    } else {
      this.#rejected(job, result?.error ?? NO_ANSWER);
    }
  }

  /** The account has these bytes already. */
  #adopt(job: Job, originalId: string): void {
    job.originalId = originalId;
    this.#context.count('existing');
    this.#context.emit({ type: 'exists', file: job.file.name, originalId });
    this.#onOriginal(job);
  }

  #rejected(job: Job, error: StageError): void {
    this.#endAll(job, { kind: 'rejected', error });
  }

  #failed(job: Job, error: unknown): void {
    this.#endAll(job, { kind: 'failed', error: stageErrorOf(error) });
  }

  #endAll(job: Job, ended: NonNullable<Job['ended']>): void {
    this.#end(job, ended);
    this.#close(job, (twin) => this.#end(twin, ended));
  }

  #end(job: Job, ended: NonNullable<Job['ended']>): void {
    job.ended = ended;
    if (ended.kind === 'rejected') this.#context.reject(job.file.name, job.size, ended.error);
    else this.#context.fail(job.file.name, undefined, ended.error);
  }

  #close(leader: Job, settleTwin: (twin: Job) => void): void {
    this.#freeBytes(leader);
    for (const twin of leader.twins.splice(0)) settleTwin(twin);
    this.#open -= 1;
    if (this.#open === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #batchFailed(jobs: readonly Job[], error: unknown): void {
    if (isFatal(error)) this.#context.stop(error);
    for (const job of jobs) this.#failed(job, error);
  }

  #freeBytes(job: Job): void {
    if (job.bytes) this.#slabs.give(job.bytes);
    job.bytes = undefined;
  }
}
