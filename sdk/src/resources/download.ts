import { delay, follow, throwIfAborted } from '../core/abort.ts';
import { timedBody } from '../core/bytes.ts';
import { AbortError, NotFoundError, StagerError, TransferError } from '../core/errors.ts';
import { connectionError } from '../core/networkHints.ts';
import { backoff } from '../core/retry.ts';
import type { Transport } from '../core/transport.ts';
import type { Downloads } from '../generated/types.ts';

export interface DownloadOptions {
  /** Which file: the name of an output, or `original`. @default the first output */
  readonly output?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @default that of the client */
  readonly maxRetries?: number | undefined;
}

export interface Download {
  readonly output: string;
  readonly body: ReadableStream<Uint8Array>;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** Of the whole file, hexadecimal. */
  readonly sha256: string;
}

export interface DownloadedBytes extends Omit<Download, 'body'> {
  readonly bytes: Uint8Array;
}

export interface DownloadedFile {
  readonly output: string;
  readonly path: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** It was there already, with the same bytes. */
  readonly skipped: boolean;
}

export type DownloadLink = Downloads['items'][number];

export async function downloadImage(
  transport: Transport,
  imageId: string,
  options: DownloadOptions,
): Promise<Download> {
  return retrying(transport, options, async () =>
    openLink(transport, await findLink(transport, imageId, options), options),
  );
}

export async function downloadBytes(
  transport: Transport,
  imageId: string,
  options: DownloadOptions,
): Promise<DownloadedBytes> {
  return retrying(transport, options, async () => {
    const { body, ...file } = await openLink(transport, await findLink(transport, imageId, options), options);
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    if ((await sha256Of(bytes)) === file.sha256) return { ...file, bytes };
    throw new TransferError(`The output ${file.output} did not arrive as it was stored.`, {
      code: 'checksum_mismatch',
      retryable: true,
    });
  });
}

export async function downloadToFile(
  transport: Transport,
  imageId: string,
  path: string,
  options: DownloadOptions,
): Promise<DownloadedFile> {
  return retrying(transport, options, async () =>
    saveLink(transport, await findLink(transport, imageId, options), path, options),
  );
}

/** Fetches a link to a file: whole and verified under its name, or not at all. */
export async function saveLink(
  transport: Transport,
  link: DownloadLink,
  path: string,
  options: DownloadOptions,
): Promise<DownloadedFile> {
  const { fileHas, writeVerified } = await import('../files/write.ts');
  const { name: output, contentType, size, sha256 } = link;
  const file = { output, path, contentType, size, sha256 };
  if (await fileHas(path, size, sha256)) return { ...file, skipped: true };
  const { body } = await openLink(transport, link, options);
  await writeVerified(path, body, { size, sha256 }, options.signal);
  return { ...file, skipped: false };
}

async function findLink(
  transport: Transport,
  imageId: string,
  { output, signal }: DownloadOptions,
): Promise<DownloadLink> {
  const { items } = await transport.request('getImageDownloads', { params: { imageId } }, { signal });
  const link = items.find(({ name }) => (output === undefined ? name !== 'original' : name === output));
  if (link) return link;
  const names = items.map(({ name }) => name).join(', ') || 'none';
  throw new NotFoundError(
    output === undefined
      ? `The image ${imageId} has no outputs yet. Wait until it is ready.`
      : `The image ${imageId} has no output ${JSON.stringify(output)}; it has: ${names}.`,
    { code: 'not_found', status: 404 },
  );
}

async function openLink(
  transport: Transport,
  link: DownloadLink,
  { signal }: DownloadOptions,
): Promise<Download> {
  const { name: output, contentType, size, sha256, url } = link;
  const { fetch, timeoutMs } = transport.settings;
  const controller = new AbortController();
  const release = follow(signal, controller);
  const idle = setTimeout(() => controller.abort('timeout'), timeoutMs);
  try {
    const response = await fetch(url, { signal: controller.signal });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw refused(output, response.status);
    }
    const body = timedBody(response.body, timeoutMs, controller, release);
    return { output, body, contentType, size, sha256 };
  } catch (error) {
    release();
    if (signal?.aborted) throw new AbortError(signal.reason);
    throw StagerError.isInstance(error) ? error : connectionError(url, error);
  } finally {
    clearTimeout(idle);
  }
}

async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function refused(output: string, status: number): TransferError {
  return new TransferError(`The photo store answered ${status} for ${output}.`, {
    code: 'transfer_failed',
    status,
    // 403 is an expired link; the next try gets a fresh one.
    retryable: status === 403 || status === 429 || status >= 500,
  });
}

/** Tries again with a fresh link what a cut line, an expired link or a busy store has spoilt. */
export async function retrying<T>(
  transport: Transport,
  { signal, maxRetries = transport.settings.maxRetries }: DownloadOptions,
  task: () => Promise<T>,
): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      throwIfAborted(signal);
      return await task();
    } catch (error) {
      const again = StagerError.isInstance(error) && error.retryable && isTransfer(error);
      if (!again || retries >= maxRetries) throw error;
      await delay(backoff(retries, Math.random()), signal);
    }
  }
}

/** Calls to the API have had their own retries. */
function isTransfer(error: StagerError): boolean {
  return (
    error.code === 'connection_failed' ||
    error.code === 'transfer_failed' ||
    error.code === 'checksum_mismatch'
  );
}
