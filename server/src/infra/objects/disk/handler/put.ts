import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { release } from '../../release.ts';
import { type SignedUpload, uploadHeaders } from '../../uploadHeaders.ts';
import { toStoreError } from '../errors.ts';
import { pathOf } from '../keys.ts';
import type { DiskObjects } from '../objects.ts';
import { etagOf } from '../reader.ts';
import type { Link } from '../urls.ts';
import { ObjectProblem } from './problems.ts';

/** Bytes that wait for the disk while more arrive; they are written together. */
const BUFFER_BYTES = 1024 * 1024;

/** What the client claims to send. Whether that is what was signed is for the signature to say. */
export function readUploadHeaders({ headers }: IncomingMessage): SignedUpload {
  const length = headers['content-length'];
  if (headers['transfer-encoding'] !== undefined || length === undefined) {
    throw new ObjectProblem('length_required', 'Send the body with the exact Content-Length, not chunked.');
  }
  const contentType = headers['content-type'];
  const sha256 = headers['x-amz-checksum-sha256'];
  if (contentType === undefined || typeof sha256 !== 'string') throw missing(headers);
  const upload = { size: Number(length), contentType, sha256 };
  const signed = uploadHeaders(upload);
  if (headers['x-amz-checksum-algorithm'] === undefined) throw missing(headers);
  const extra = Object.keys(headers).find((name) => name.startsWith('x-amz-') && !(name in signed));
  if (extra !== undefined) {
    throw new ObjectProblem(
      'header_unsigned',
      `The header ${extra} is not part of the signature. Leave it out.`,
    );
  }
  if (headers['x-amz-checksum-algorithm'] !== signed['x-amz-checksum-algorithm']) {
    throw new ObjectProblem(
      'signature_invalid',
      'The header x-amz-checksum-algorithm is not the signed one.',
    );
  }
  return upload;
}

function missing(headers: IncomingMessage['headers']): ObjectProblem {
  const signed = Object.keys(uploadHeaders({ size: 0, contentType: '', sha256: '' }));
  const absent = signed.filter((name) => headers[name] === undefined);
  return new ObjectProblem(
    'header_missing',
    `Send the signed headers as they were given; missing: ${absent.join(', ')}.`,
  );
}

/** Takes the body. Nothing is visible unless all of it came and has the announced hash. */
export async function putObject(
  objects: DiskObjects,
  link: Link,
  upload: SignedUpload,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { files } = objects;
  const draft = await files.createDraft();
  try {
    const sha256 = await receive(req, draft.handle);
    if (sha256 !== upload.sha256) {
      throw new ObjectProblem(
        'checksum_mismatch',
        'The bytes that arrived do not have the announced SHA-256.',
      );
    }
    const etag = etagOf(await draft.handle.stat({ bigint: true }));
    await draft.publish(pathOf(files.root, link));
    res.writeHead(200, { etag, 'content-length': 0 }).end();
  } finally {
    await draft.discard();
  }
}

/** Writes a body to a file; answers with its SHA-256 in base64. The HTTP parser holds it to its Content-Length. */
async function receive(req: IncomingMessage, handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const sink = new Writable({
    highWaterMark: BUFFER_BYTES,
    writev(parts, done) {
      const chunks = parts.map(({ chunk }): Buffer => chunk);
      const written = writeAll(handle, chunks);
      // Hashed while the thread pool writes.
      for (const chunk of chunks) hash.update(chunk);
      written.then(() => chunks.forEach(release)).then(() => done(), done);
    },
  });
  const cut = () => {
    // Not `complete`: a connection that fails behind the last byte takes with it what was not yet read.
    if (req.readableEnded) return;
    sink.destroy(new ObjectProblem('body_incomplete', 'The connection ended amid the body.'));
  };
  req.once('close', cut);
  req.on('error', cut);
  if (req.destroyed) cut();
  req.pipe(sink);
  await finished(sink).catch((error: unknown) => {
    throw error instanceof ObjectProblem ? error : toStoreError(error);
  });
  return hash.digest('base64');
}

async function writeAll(handle: FileHandle, chunks: readonly Buffer[]): Promise<void> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await handle.writev(chunks);
  // A disk that is almost full takes a part; the rest meets the error.
  if (bytesWritten < length) await handle.appendFile(Buffer.concat(chunks).subarray(bytesWritten));
}
