import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type OperationName, operations } from '../generated/operations.ts';
import type { Failure } from './failures.ts';
import { FakeProblem } from './problems.ts';

export interface FoundOperation {
  readonly name: OperationName;
  readonly params: Readonly<Record<string, string>>;
}

export function findOperation(method: string, path: string): FoundOperation | undefined {
  for (const name of Object.keys(operations)) {
    // The keys of an object that is never extended.
    const operation = operations[name as OperationName];
    if (operation.method !== method) continue;
    const pattern = new RegExp(`^${operation.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
    const match = pattern.exec(path);
    if (match) return { name: name as OperationName, params: { ...match.groups } };
  }
  return undefined;
}

export function placeOf(
  method: string | undefined,
  path: string,
): 'storePut' | 'storeGet' | 'issuer' | undefined {
  if (path.startsWith('/issuer/')) return 'issuer';
  if (path.startsWith('/store/')) return method === 'PUT' ? 'storePut' : 'storeGet';
  return undefined;
}

export async function readAll(req: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

export function answer(
  res: ServerResponse,
  name: OperationName,
  { result, replayed }: { result: unknown; replayed: boolean },
): void {
  if (replayed) res.setHeader('idempotent-replayed', 'true');
  res.setHeader('ratelimit-policy', '"fake";q=1000;w=60');
  res.setHeader('ratelimit', '"fake";r=999;t=60');
  res.statusCode = operations[name].status;
  if (result === undefined) res.end();
  else res.setHeader('content-type', 'application/json').end(JSON.stringify(result));
}

export function answerFailure(res: ServerResponse, { code, status, retryAfter }: Failure): void {
  if (retryAfter !== undefined) res.setHeader('retry-after', String(retryAfter));
  if (code) answerError(res, new FakeProblem(code, `The fake was told to fail with ${code}.`));
  else
    res
      .writeHead(status ?? 500, { 'content-type': 'text/html' })
      .end('<html><body>Bad gateway</body></html>');
}

export function answerError(res: ServerResponse, error: unknown): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const problem =
    error instanceof FakeProblem
      ? error
      : new FakeProblem('internal', error instanceof Error ? error.message : 'failed');
  res.writeHead(problem.status, { 'content-type': 'application/problem+json' });
  res.end(JSON.stringify(problem.body(String(res.getHeader('x-request-id')))));
}

interface Done {
  readonly result: unknown;
  readonly replayed: boolean;
}

/** Answers of POSTs with an Idempotency-Key, for their repeats. */
export class KeptAnswers {
  readonly #kept = new Map<string, { readonly bodyHash: string; readonly result: unknown }>();

  run(name: OperationName, key: string | undefined, input: unknown, task: () => unknown): Done {
    const mode = operations[name].idempotent;
    if (key === undefined || (mode !== 'store' && mode !== 'once'))
      return { result: task(), replayed: false };
    const bodyHash = createHash('sha256').update(JSON.stringify(input)).digest('hex');
    const before = this.#kept.get(`${name} ${key}`);
    if (before && before.bodyHash !== bodyHash) {
      throw new FakeProblem('idempotency_key_reused', 'This Idempotency-Key was used with another request.');
    }
    if (before) return { result: before.result, replayed: true };
    const result = task();
    this.#kept.set(`${name} ${key}`, { bodyHash, result: mode === 'once' ? withoutSecret(result) : result });
    return { result, replayed: false };
  }
}

function withoutSecret(result: unknown): unknown {
  return typeof result === 'object' ? { ...result, secret: null, secretStatus: 'shown_before' } : result;
}
