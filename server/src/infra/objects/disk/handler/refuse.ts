import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ObjectProblem, problemBody } from './problems.ts';

/** A client that is still sending when it is refused gets as much time and room to see the answer. */
const LINGER_MS = 5_000;
const LINGER_BYTES = 16 * 1024 * 1024;

/**
 * Answers before or amid a body. The answer is sent at once, and the connection closed behind it; but closing
 * with unread bytes would reset it (RFC 9112 section 9.6), and the client might never see why.
 */
export async function refuse(
  req: IncomingMessage,
  res: ServerResponse,
  problem: ObjectProblem,
  requestId: string,
): Promise<void> {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const body = problemBody(problem, requestId);
  const withBody = !hasNoBody(req);
  res.writeHead(problem.status, {
    ...problem.headers,
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...(withBody && !req.complete ? { connection: 'close' } : {}),
  });
  if (req.method !== 'HEAD') res.write(body);
  if (withBody) await linger(req);
  res.end();
}

function hasNoBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
}

async function linger(req: IncomingMessage): Promise<void> {
  if (req.complete || req.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  let bytes = 0;
  const timer = setTimeout(resolve, LINGER_MS);
  req.on('error', () => resolve());
  req.once('close', resolve);
  req.once('end', resolve);
  req.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) resolve();
  });
  req.resume();
  await promise;
  clearTimeout(timer);
  req.pause();
}
