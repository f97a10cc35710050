import { request } from 'node:http';
import type { PresignedPut } from '../../server/src/ports/index.ts';

export interface PutAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Bytes that begin as a JPEG does and go on with nothing. */
export function jpegOf(size: number): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(Math.max(0, size - 3))]).subarray(
    0,
    Math.max(3, size),
  );
}

/**
 * Sends a body with exactly these headers and nothing that a friendlier client would add or correct. The answer
 * counts as soon as it has come, also when the server does not take all of the body.
 */
export function putTo(
  { url, headers }: PresignedPut,
  body: Buffer | readonly Buffer[],
  method = 'PUT',
): Promise<PutAnswer> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const outgoing = request(url, { method, headers, agent: false }, (answer) => {
      answered = true;
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        outgoing.destroy();
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(parts).toString(),
        });
      });
    });
    outgoing.on('error', (error) => {
      if (!answered) reject(error);
    });
    for (const part of Buffer.isBuffer(body) ? [body] : body) outgoing.write(part);
    outgoing.end();
  });
}
