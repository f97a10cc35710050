import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { compareKeys } from '../../server/src/ports/index.ts';

/** What the store may do instead of answering rightly. */
export const STORE_FAULTS = ['forbidden', 'failing', 'silent', 'cut', 'torn', 'repeated'] as const;
export type StoreFault = (typeof STORE_FAULTS)[number];
/** These are of listings alone. */
export const OF_LISTINGS: readonly StoreFault[] = ['cut', 'torn', 'repeated'];
/** It is out of order from then on, where the others are one answer. */
const LASTING: readonly StoreFault[] = ['failing', 'silent'];

/** Objects of a page of a listing: few, so that there are several pages. */
const PAGE = 3;

export interface MemoryS3 {
  readonly port: number;
  /** What was asked since the last `strike`: `LIST`, or the method. */
  readonly calls: readonly string[];
  /** From now on, the call with this number, counted from 0, meets the fault. Null: none does. */
  strike(fault: StoreFault | null, at: number): void;
  /** From now on, what it says no to. Null: nothing. */
  refuse(rule: Rule | null): void;
  close(): Promise<void>;
}

/** What is answered to a request instead: a status, and a code of S3. Of a copy, `from` is its source. */
export type Rule = (
  method: string,
  path: string,
  from: string | undefined,
) => readonly [status: number, code: string] | undefined;

interface Stored {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: Date;
  readonly type: string;
}

/** An S3 in memory that answers what our adapter asks, and misbehaves when it is told to. Signatures are not looked at. */
export async function startMemoryS3(): Promise<MemoryS3> {
  /** By bucket and key, with a slash between. */
  const objects = new Map<string, Stored>();
  const uploads = new Map<string, { readonly path: string; readonly begun: Date }>();
  let calls: string[] = [];
  let due: { readonly fault: StoreFault | null; readonly at: number } = { fault: null, at: -1 };

  let rule: Rule | null = null;

  function faultOf(call: string): StoreFault | null {
    const at = calls.push(call) - 1;
    const isDue = due.fault !== null && (LASTING.includes(due.fault) ? at >= due.at : at === due.at);
    return isDue ? due.fault : null;
  }

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<unknown> {
    const url = new URL(req.url ?? '/', 'http://store');
    const path = decodeURIComponent(url.pathname.slice(1));
    const body = await read(req);
    const isListing = url.searchParams.has('list-type');
    const fault = faultOf(isListing ? 'LIST' : (req.method ?? ''));
    if (fault === 'silent') return undefined;
    if (fault === 'failing') return res.writeHead(500).end();
    if (fault === 'forbidden') return refuse(res, 403, 'AccessDenied');
    const no = isListing ? undefined : rule?.(req.method ?? '', path, sourceOf(req));
    if (no) return refuse(res, ...no);
    if (isListing) return list(res, path, url.searchParams, fault);
    if (url.searchParams.has('uploads')) return multiparts(req, res, path);
    if (url.searchParams.has('uploadId')) {
      uploads.delete(url.searchParams.get('uploadId') ?? '');
      return res.writeHead(204).end();
    }
    if (req.method === 'PUT') return put(req, res, path, body);
    if (req.method === 'DELETE') {
      objects.delete(path);
      return res.writeHead(204).end();
    }
    return get(req, res, path);
  }

  function list(
    res: ServerResponse,
    bucket: string,
    query: URLSearchParams,
    fault: StoreFault | null,
  ): unknown {
    const token = fault === 'repeated' ? null : query.get('continuation-token');
    const after = token ?? query.get('start-after') ?? '';
    const prefix = query.get('prefix') ?? '';
    const found = [...objects]
      .map(([path, stored]) => ({ key: path.slice(bucket.length + 1), path, ...stored }))
      .filter(
        ({ key, path }) =>
          path.startsWith(`${bucket}/`) && key.startsWith(prefix) && compareKeys(key, after) > 0,
      )
      .sort((a, b) => compareKeys(a.key, b.key));
    const page = found.slice(0, fault === 'cut' ? 1 : PAGE);
    const more = fault !== 'cut' && found.length > page.length;
    const items = page.map(
      ({ key, etag, body, modified }) =>
        `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>${modified.toISOString()}</LastModified>` +
        `<ETag>&quot;${etag}&quot;</ETag><Size>${body.length}</Size></Contents>`,
    );
    const next = more ? `<NextContinuationToken>${page.at(-1)?.key}</NextContinuationToken>` : '';
    const xml = `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${items.join('')}</ListBucketResult>`;
    return tell(res, fault === 'torn' ? xml.slice(0, xml.length / 2) : xml);
  }

  function multiparts(req: IncomingMessage, res: ServerResponse, path: string): unknown {
    if (req.method === 'POST') {
      const id = randomUUID();
      uploads.set(id, { path, begun: new Date() });
      return tell(
        res,
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    const found = [...uploads].filter((entry) => entry[1].path.startsWith(`${path}/`));
    const items = found.map(
      ([id, { path: at, begun }]) =>
        `<Upload><Key>${at.slice(path.length + 1)}</Key><UploadId>${id}</UploadId><Initiated>${begun.toISOString()}</Initiated></Upload>`,
    );
    return tell(
      res,
      `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${items.join('')}</ListMultipartUploadsResult>`,
    );
  }

  function put(req: IncomingMessage, res: ServerResponse, path: string, body: Buffer): unknown {
    const source = sourceOf(req);
    const from = source === undefined ? null : objects.get(source);
    if (from === undefined) return refuse(res, 404, 'NoSuchKey');
    const condition = req.headers['x-amz-copy-source-if-match'];
    if (from && condition !== undefined && String(condition).replaceAll('"', '') !== from.etag)
      return refuse(res, 412, 'PreconditionFailed');
    const bytes = from?.body ?? body;
    const etag = createHash('md5').update(bytes).digest('hex');
    const type = from?.type ?? req.headers['content-type'] ?? 'application/octet-stream';
    objects.set(path, { body: bytes, etag, modified: new Date(), type });
    res.setHeader('etag', `"${etag}"`);
    if (!from) return res.end();
    return tell(
      res,
      `<CopyObjectResult><ETag>"${etag}"</ETag><LastModified>${new Date().toISOString()}</LastModified></CopyObjectResult>`,
    );
  }

  function get(req: IncomingMessage, res: ServerResponse, path: string): unknown {
    const found = objects.get(path);
    if (!found) return refuse(res, 404, 'NoSuchKey');
    res.writeHead(200, {
      'content-length': found.body.length,
      'content-type': found.type,
      etag: `"${found.etag}"`,
      'last-modified': found.modified.toUTCString(),
    });
    return res.end(req.method === 'HEAD' ? undefined : found.body);
  }

  const server = createServer((req, res) => {
    answer(req, res).catch((error: unknown) => res.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the store has no port');
  return {
    port: address.port,
    get calls() {
      return calls;
    },
    strike(fault, at) {
      calls = [];
      due = { fault, at };
    },
    refuse(next) {
      rule = next;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Bucket and key that a copy is made of. */
function sourceOf(req: IncomingMessage): string | undefined {
  const source = req.headers['x-amz-copy-source'];
  return typeof source === 'string' ? decodeURIComponent(source).replace(/^\//, '') : undefined;
}

async function read(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function tell(res: ServerResponse, xml: string): unknown {
  return res
    .writeHead(200, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(xml) })
    .end(xml);
}

function refuse(res: ServerResponse, status: number, code: string): unknown {
  return res
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<Error><Code>${code}</Code></Error>`);
}
