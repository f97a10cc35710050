import { follow } from '../core/abort.ts';
import { slicedBody } from '../core/bytes.ts';
import { AbortError, type StagerError, TransferError } from '../core/errors.ts';
import { connectionError } from '../core/networkHints.ts';
import type { Fetch } from '../core/options.ts';
import { readRetryAfter } from '../core/retryAfter.ts';
import { fileBody } from '../files/read.ts';
import type { UploadTicket } from '../generated/types.ts';

export type PutTicket = Extract<UploadTicket, { status: 'upload' }>;

export type PutResult =
  | { readonly kind: 'sent' }
  /** The link is of no use (any more): ask for another. */
  | { readonly kind: 'expired'; readonly error: StagerError }
  /** The store or the network is busy. */
  | { readonly kind: 'later'; readonly error: StagerError; readonly retryAfterMs?: number | undefined }
  /** These bytes are not taken. */
  | { readonly kind: 'refused'; readonly error: StagerError };

export interface PutOptions {
  readonly fetch: Fetch;
  readonly ticket: PutTicket;
  readonly source: { readonly bytes: Uint8Array | undefined; readonly path: string | undefined };
  /** Milliseconds without progress after which it is given up. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly onSent: (sent: number) => void;
}

/** Sends a photo to the store, once. The body is made anew for each try: a stream cannot be sent twice. */
export async function putPhoto(options: PutOptions): Promise<PutResult> {
  const { fetch, ticket, signal, idleMs } = options;
  const controller = new AbortController();
  const release = follow(signal, controller);
  let idle = setTimeout(() => controller.abort('idle'), idleMs);
  const onSent = (sent: number) => {
    clearTimeout(idle);
    idle = setTimeout(() => controller.abort('idle'), idleMs);
    options.onSent(sent);
  };
  try {
    const init = {
      method: ticket.method,
      headers: ticket.headers,
      body: openBody(options.source, onSent),
      // Asked for with a streamed body (WHATWG Fetch).
      duplex: 'half' as const,
      signal: controller.signal,
    };
    const response = await fetch(ticket.url, init);
    const text = await response.text();
    return response.ok ? { kind: 'sent' } : judge(response, text);
  } catch (cause) {
    if (signal.aborted) throw new AbortError(signal.reason);
    return { kind: 'later', error: connectionError(ticket.url, cause) };
  } finally {
    clearTimeout(idle);
    release();
  }
}

function openBody(source: PutOptions['source'], onSent: (sent: number) => void): ReadableStream<Uint8Array> {
  if (source.bytes) return slicedBody(source.bytes, onSent);
  if (source.path === undefined) throw new TypeError('a photo has a path or bytes');
  return fileBody(source.path, onSent);
}

function judge(response: Response, text: string): PutResult {
  const { status } = response;
  const kind =
    status === 403 || status === 404 || status === 410 ? 'expired' : isBusy(status) ? 'later' : 'refused';
  const error = new TransferError(`The photo store answered ${status}${storeWords(text)}.`, {
    code: kind === 'refused' ? 'upload_refused' : 'transfer_failed',
    status,
    retryable: kind !== 'refused',
    hint: kind === 'refused' ? 'If the file was changed meanwhile, run it again.' : undefined,
  });
  return { kind, error, retryAfterMs: readRetryAfter(response.headers, Date.now()) };
}

function isBusy(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** What an S3 store (XML) or ours (JSON) says about it. */
function storeWords(text: string): string {
  const words = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? /"detail"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  return words ? `: ${words}` : '';
}
