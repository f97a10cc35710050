import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bucket, ObjectRef, PresignedPut } from '../../../ports/index.ts';
import { createDiskObjects, createObjectsHandler, type DiskObjects } from './index.ts';

export const SECRET = 'disk-store-secret-0001';

export interface TestStore {
  readonly root: string;
  readonly port: number;
  readonly objects: DiskObjects;
  /** What the handler has logged as errors. */
  readonly errors: object[];
  /** The clock of the handler runs ahead by so many milliseconds. */
  ahead: number;
  /** Drafts that are on the disk now. */
  drafts(): Promise<string[]>;
  presign(body: Buffer, ref?: ObjectRef, contentType?: string): Promise<PresignedPut>;
  close(): Promise<void>;
}

/** A store behind a server on a free port; what is not for an object is answered with 418. */
export async function startTestStore(secrets: readonly string[] = [SECRET]): Promise<TestStore> {
  const root = await mkdtemp(join(tmpdir(), 'stager-disk-'));
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const objects = createDiskObjects({ root, publicUrl: `http://127.0.0.1:${port}/`, secrets });
  const errors: object[] = [];
  const store: TestStore = {
    root,
    port,
    objects,
    errors,
    ahead: 0,
    drafts: () => readdir(join(root, '.tmp')),
    presign: (body, ref = { bucket: 'uploads', key: 'acc_1/upl_1' }, contentType = 'image/jpeg') =>
      objects.presignPut({
        ref,
        size: body.length,
        contentType,
        sha256: createHash('sha256').update(body).digest('hex'),
        expiresAt: new Date(Date.now() + 60_000),
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await rm(root, { recursive: true });
    },
  };
  const handle = createObjectsHandler({
    objects,
    secrets,
    log: { info: () => undefined, error: (line: object) => void errors.push(line) },
    now: () => Date.now() + store.ahead,
  });
  server.on('request', async (req, res) => {
    if (!(await handle(req, res))) res.writeHead(418).end();
  });
  return store;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** `code` of a problem answer. */
  readonly code: string | undefined;
}

export interface Sending {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Sends exactly this: a target is not normalised, and no header is added but Host and Connection. */
export function send({ method = 'GET', url, headers = {}, body }: Sending): Promise<Answer> {
  const { hostname, port, origin } = new URL(url);
  return new Promise((resolve, reject) => {
    let answered = false;
    const outgoing = request(
      { hostname, port, method, headers, path: url.slice(origin.length), agent: false },
      (answer) => {
        answered = true;
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          outgoing.destroy();
          resolve(toAnswer(answer.statusCode ?? 0, answer.headers, Buffer.concat(parts)));
        });
      },
    );
    // The server may close while a refused body is still being sent.
    outgoing.on('error', (error) => {
      if (!answered) reject(error);
    });
    outgoing.end(body);
  });
}

function toAnswer(status: number, headers: IncomingHttpHeaders, body: Buffer): Answer {
  const isProblem = headers['content-type'] === 'application/problem+json' && body.length > 0;
  // The shape is the handler's own.
  const code = isProblem ? (JSON.parse(body.toString()) as { code: string }).code : undefined;
  return { status, headers, body, code };
}

export function ref(bucket: Bucket, key: string): ObjectRef {
  return { bucket, key };
}
