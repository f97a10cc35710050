import type { request as httpRequest, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Client, CopyDestinationOptions, CopySourceOptions } from 'minio';
import { type Bucket, type ObjectRef, ObjectStoreError, type Objects } from '../../../ports/index.ts';
import { contentDisposition } from '../disposition.ts';
import { release } from '../release.ts';
import { signedUpload, uploadHeaders } from '../uploadHeaders.ts';
import { toStoreError, unlessMissing } from './errors.ts';
import { moveExactly, removeExactly } from './exactly.ts';
import { type Calls, listMultiparts, listPages } from './list.ts';
import { presign, type Signer } from './presign.ts';
import { retrying } from './retry.ts';
import { createTransport } from './transport.ts';

export interface S3ObjectsOptions {
  /** Address of the store for our own calls. */
  readonly endpoint: string;
  /** Address of the store for its clients; the links that we sign hold it. Default: `endpoint`. */
  readonly publicUrl?: string | undefined;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly buckets: Readonly<Record<Bucket, string>>;
  /** Longest silence of the store within a request. Default 20,000. */
  readonly idleMs?: number;
}

export interface S3Objects extends Objects {
  close(): void;
}

const IDLE_MS = 20_000;
/**
 * MinIO takes an `x-amz-copy-source` that was not signed: a link for a PUT would then copy whatever we may read, another
 * account's photos too. This condition is signed, fits no object, and means nothing to a PUT that brings its bytes.
 */
const NO_COPY = { 'x-amz-copy-source-if-match': 'none' };

/**
 * The pixel store on MinIO or any other S3. Calls that change nothing twice are repeated while the store does not
 * answer. An aborted signal rejects with its own reason, not with `ObjectStoreError`.
 */
export function createS3Objects(options: S3ObjectsOptions): S3Objects {
  const { endpoint, region, accessKey, secretKey, buckets } = options;
  const url = new URL(endpoint);
  const secure = url.protocol === 'https:';
  const transport = createTransport(secure, options.idleMs ?? IDLE_MS);
  const signer: Signer = { publicUrl: options.publicUrl ?? endpoint, region, accessKey, secretKey };
  const client = new Client({
    endPoint: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 443 : 80),
    useSSL: secure,
    accessKey,
    secretKey,
    region,
    pathStyle: true,
    // Its own repeats write to the console; ours are in `retrying`.
    retryOptions: { disableRetry: true },
    // Of the many forms of `request` the client calls this one alone.
    transport: { request: transport.request as typeof httpRequest },
    transportAgent: transport.agent,
  });

  /** One try. */
  async function once<T>(run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await transport.under(signal, run);
    } catch (error) {
      throw toStoreError(error, signal);
    }
  }

  const often = <T>(run: () => Promise<T>, signal?: AbortSignal) => retrying(() => once(run, signal), signal);
  const at = ({ bucket, key }: ObjectRef) => [buckets[bucket], key] as const;

  /** The answer itself is the body; its head tells the size. */
  async function download(ref: ObjectRef): Promise<{ body: Readable; size: number } | undefined> {
    const body = await client.getObject(...at(ref)).catch(unlessMissing);
    if (!body) return undefined;
    // The client hands on the answer of `http` as it came; a Readable in its types.
    const { headers } = body as IncomingMessage;
    return { body, size: Number(headers['content-length']) };
  }

  const stat: Objects['stat'] = (ref, signal) =>
    often(async () => {
      const found = await client.statObject(...at(ref)).catch(unlessMissing);
      return (
        found && {
          size: found.size,
          contentType: String(found.metaData['content-type'] ?? 'application/octet-stream'),
          etag: `"${found.etag}"`,
          modifiedAt: found.lastModified,
        }
      );
    }, signal);
  const calls: Calls = { client, buckets, often, stat };

  return {
    async presignPut(request) {
      const headers = { ...uploadHeaders(signedUpload(request)), ...NO_COPY };
      const [bucket, key] = at(request.ref);
      const life = lifeUntil(request.expiresAt);
      return { url: presign(signer, { method: 'PUT', bucket, key, headers, query: {}, ...life }), headers };
    },

    async presignGet({ ref, expiresAt, fileName, contentType }) {
      const query = {
        'response-content-disposition': contentDisposition(fileName),
        ...(contentType === undefined ? {} : { 'response-content-type': contentType }),
      };
      const [bucket, key] = at(ref);
      return presign(signer, { method: 'GET', bucket, key, headers: {}, query, ...lifeUntil(expiresAt) });
    },

    stat,

    read: (ref, signal) =>
      often(async () => {
        const found = await download(ref);
        if (!found) return undefined;
        const bytes = Buffer.allocUnsafeSlow(found.size);
        await fill(bytes, found);
        return bytes;
      }, signal),

    readInto: (ref, into, signal) =>
      often(async () => {
        const found = await download(ref);
        if (!found) return undefined;
        await fill(into, found);
        return found.size;
      }, signal),

    open: (ref, signal) => often(async () => (await download(ref))?.body, signal),

    write: (ref, body, contentType, signal) =>
      often(async () => {
        await client.putObject(...at(ref), body, body.length, { 'Content-Type': contentType });
      }, signal),

    writeFile: (ref, path, contentType, signal) =>
      often(async () => {
        await client.fPutObject(...at(ref), path, { 'Content-Type': contentType });
      }, signal),

    async move(from, to, contentType) {
      const moved = await often(async () => {
        const [Bucket, key] = at(to);
        const [fromBucket, fromKey] = at(from);
        const copied = await client
          .copyObject(
            new CopySourceOptions({ Bucket: fromBucket, Object: fromKey }),
            new CopyDestinationOptions({
              Bucket,
              Object: key,
              MetadataDirective: 'REPLACE',
              Headers: { 'Content-Type': contentType },
            }),
          )
          .catch(unlessMissing);
        return copied !== undefined;
      });
      if (moved) await often(() => client.removeObject(...at(from)));
      return moved;
    },

    remove: (ref) => often(() => client.removeObject(...at(ref))),

    moveExactly: (from, to, etag) => moveExactly(calls, from, to, etag),
    removeExactly: (ref, etag) => removeExactly(calls, ref, etag),
    list: (bucket, options = {}) => listPages(calls, bucket, options),
    listLeftovers: (bucket, signal) => listMultiparts(calls, bucket, signal),
    removeLeftover: ({ bucket, key, id }) =>
      often(() => client.abortMultipartUpload(buckets[bucket], key, id).catch(unlessMissing)),

    check: (signal) =>
      once(async () => {
        for (const name of new Set(Object.values(buckets))) {
          if (!(await client.bucketExists(name)))
            throw new ObjectStoreError('denied', `The photo store has no bucket ${name}.`);
        }
      }, signal),

    close: () => transport.close(),
  };
}

/** Reads as much as `into` holds, and hangs up on what is more. */
async function fill(into: Buffer, { body, size }: { body: Readable; size: number }): Promise<void> {
  const wanted = Math.min(size, into.length);
  let at = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    at += chunk.copy(into, at, 0, Math.min(chunk.length, wanted - at));
    release(chunk);
    if (at === wanted && size > wanted) break;
  }
  if (at < wanted) {
    throw new ObjectStoreError('unreachable', `The photo store sent ${at} of ${size} bytes and hung up.`);
  }
}

/** A link that has ended already is one of a second that is over: no signature says less. */
function lifeUntil(end: Date): { now: Date; expiresInSeconds: number } {
  const now = new Date(Math.min(Date.now(), end.getTime() - 1000));
  return { now, expiresInSeconds: Math.floor((end.getTime() - now.getTime()) / 1000) };
}
