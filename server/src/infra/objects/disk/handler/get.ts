import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { contentDisposition } from '../../disposition.ts';
import { pathOf } from '../keys.ts';
import { type DiskObjects, READ_CHUNK } from '../objects.ts';
import { openObject } from '../reader.ts';
import type { Link } from '../urls.ts';
import { ObjectProblem } from './problems.ts';
import { type ByteRange, parseRange } from './range.ts';

/** Answers GET and HEAD. */
export async function getObject(
  objects: DiskObjects,
  link: Link,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const found = await openObject(pathOf(objects.files.root, link));
  if (!found) throw new ObjectProblem('not_found', 'There is no such object (any more).');
  const { handle, info } = found;
  try {
    const headers = {
      etag: info.etag,
      'last-modified': info.modifiedAt.toUTCString(),
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
    };
    if (isFresh(req.headers, info.etag)) {
      res.writeHead(304, headers).end();
      return;
    }
    const range = chooseRange(req.headers, info);
    const { start, end } = range ?? { start: 0, end: info.size - 1 };
    res.writeHead(range ? 206 : 200, {
      ...headers,
      // Customers' bytes on the API's own origin: a browser shall save them, and run nothing of them.
      'content-type': link.type ?? info.contentType,
      'content-disposition': contentDisposition(link.name),
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      // Whoever was given the link may show the picture on a page of theirs.
      'cross-origin-resource-policy': 'cross-origin',
      'content-length': end - start + 1,
      ...(range ? { 'content-range': `bytes ${start}-${end}/${info.size}` } : {}),
    });
    if (req.method === 'HEAD' || info.size === 0) res.end();
    else
      await pipeline(
        handle.createReadStream({ start, end, highWaterMark: READ_CHUNK, autoClose: false }),
        res,
      ).catch(unlessClientLeft);
  } finally {
    await handle.close();
  }
}

function isFresh(headers: IncomingHttpHeaders, etag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  return known.trim() === '*' || known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

function chooseRange(headers: IncomingHttpHeaders, info: { size: number; etag: string }): ByteRange | null {
  const condition = headers['if-range'];
  // Half of another object is worth nothing: whoever resumes gets the whole of the new one.
  if (typeof condition === 'string' && condition !== info.etag) return null;
  const range = parseRange(headers.range, info.size);
  if (range !== 'unsatisfiable') return range;
  throw new ObjectProblem('range_not_satisfiable', `The object has ${info.size} bytes.`, {
    'content-range': `bytes */${info.size}`,
  });
}

function unlessClientLeft(error: unknown): void {
  const left = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
  if (!left) throw error;
}
