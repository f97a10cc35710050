import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import type { z } from 'zod';
import type { RouteSpec } from '../../contract/index.ts';
import { DomainError } from '../../core/errors.ts';
import type { Settings } from '../deps.ts';

/** Node keeps one of two or joins them with a comma: neither is what the client meant. */
const SINGLE_HEADERS = ['authorization', 'idempotency-key', 'last-event-id'];
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

export type BodyLimits = Pick<Settings, 'bodyLimit' | 'bodyMs'>;

export interface ValidInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly idempotencyKey: string | null;
}

/** @throws DomainError naming every violation of params, query and body at once */
export async function readInput(route: RouteSpec, ctx: Context, limits: BodyLimits): Promise<ValidInput> {
  const issues: { path: string; message: string }[] = [];
  const params = check(route.params, ctx['params'], 'path', issues);
  const query = check(route.query, queryOf(ctx, issues), 'query', issues);
  const body = route.body ? check(route.body, await readJson(ctx.req, limits), 'body', issues) : undefined;
  if (!route.query && ctx.querystring !== '') issues.push({ path: 'query', message: 'takes no parameters' });
  const repeated = repeatedHeaders(ctx.req);
  issues.push(...repeated);
  const idempotencyKey = ctx.get('idempotency-key') || null;
  if (repeated.length === 0 && idempotencyKey !== null && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
    issues.push({ path: 'header.idempotency-key', message: 'must be 1 to 255 visible ASCII characters' });
  }
  if (issues.length > 0) {
    const first = issues[0];
    throw new DomainError(
      'invalid_request',
      `${first?.path} ${first?.message}${issues.length > 1 ? ` (and ${issues.length - 1} more, see issues)` : ''}.`,
      { issues },
    );
  }
  return { params, query, body, idempotencyKey };
}

/** Each parameter once: which of two was meant is not for us to guess. */
function queryOf(ctx: Context, issues: { path: string; message: string }[]): Record<string, unknown> {
  const once = Object.entries(ctx.query).map(([name, value]) => {
    if (Array.isArray(value)) {
      issues.push({ path: `query.${name}`, message: `is given ${value.length} times; give it once` });
    } else if (value?.includes('\0')) {
      issues.push({ path: `query.${name}`, message: 'has a NUL, which no text here can hold' });
    }
    return [name, Array.isArray(value) ? value[0] : value];
  });
  return Object.fromEntries(once);
}

function repeatedHeaders(req: IncomingMessage): { path: string; message: string }[] {
  return SINGLE_HEADERS.flatMap((name) => {
    const count = req.headersDistinct[name]?.length ?? 0;
    return count > 1 ? [{ path: `header.${name}`, message: `is given ${count} times; give it once` }] : [];
  });
}

function check(
  schema: z.ZodType | undefined,
  value: unknown,
  where: string,
  issues: { path: string; message: string }[],
): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    issues.push({ path: [where, ...issue.path].join('.'), message: issue.message });
  }
  return undefined;
}

async function readJson(req: IncomingMessage, limits: BodyLimits): Promise<unknown> {
  const type = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new DomainError('unsupported_media_type', 'Send the body as Content-Type: application/json.');
  }
  if (req.headers['content-encoding'] && req.headers['content-encoding'] !== 'identity') {
    throw new DomainError('unsupported_media_type', 'Send the body without a Content-Encoding.');
  }
  const bytes = await readBytes(req, limits);
  try {
    return JSON.parse(bytes.toString('utf8'), refuseUnstorable);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError('invalid_request', 'The body is not valid JSON.');
  }
}

/** The body as it was sent. @throws DomainError `body_too_large`, `request_timeout` */
export function readBytes(req: IncomingMessage, { bodyLimit, bodyMs }: BodyLimits): Promise<Buffer> {
  return withinTime(bodyMs, readWhole(req, bodyLimit));
}

function readWhole(req: IncomingMessage, limit: number): Promise<Buffer> {
  const length = req.headers['content-length'] ?? null;
  return getRawBody(req, { limit, length }).catch((error: unknown) => {
    if (error instanceof Error && 'type' in error && error.type === 'entity.too.large') {
      throw new DomainError('body_too_large', `The body may have at most ${limit} bytes.`);
    }
    throw new DomainError('invalid_request', 'The body did not arrive whole.');
  });
}

/** Whoever sends byte by byte would hold a connection as long as a photo may take. */
async function withinTime<T>(ms: number, reading: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new DomainError('request_timeout', `The body did not arrive within ${ms / 1000} s.`));
  }, ms);
  try {
    return await Promise.race([reading, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** NUL and halves of surrogate pairs are JSON, but no text that a database or a file name can hold. */
function refuseUnstorable(key: string, value: unknown): unknown {
  for (const text of [key, value]) {
    if (typeof text === 'string' && (text.includes('\0') || !text.isWellFormed())) {
      throw new DomainError(
        'invalid_request',
        'The body has a NUL or half a character (a lone surrogate) in a text.',
      );
    }
  }
  return value;
}
