import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { control } from './control.ts';
import type { Endpoint } from './endpoint.ts';
import { StripeFault } from './errors.ts';
import { parseForm } from './form.ts';
import { catalogue } from './resources/catalogue.ts';
import { checkout } from './resources/checkout.ts';
import { customers } from './resources/customers.ts';
import { portal } from './resources/portal.ts';
import { subscriptions } from './resources/subscriptions.ts';
import { webhookEndpoints } from './resources/webhookEndpoints.ts';
import type { World } from './world.ts';

export const ENDPOINTS: readonly Endpoint[] = [
  ...customers,
  ...catalogue,
  ...checkout,
  ...subscriptions,
  ...portal,
  ...webhookEndpoints,
  ...control,
];

const MAX_BODY = 256 * 1024;

export interface ApiOptions {
  readonly world: World;
  readonly secretKey: string;
  readonly log: (line: string) => void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Answers requests below `/v1` as Stripe does. */
export async function serveApi(
  options: ApiOptions,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const requestId = `req_${randomBytes(7).toString('hex')}`;
  const { pathname, search } = new URL(req.url ?? '/', options.world.url);
  const body = await readBody(req);
  const { status, body: text } = answer(options, req, { pathname, search, body });
  if (status >= 400)
    options.log(`${req.method} ${pathname} ${status} ${text.replaceAll(/\s+/g, ' ').slice(0, 300)}`);
  res.writeHead(status, {
    'content-type': 'application/json',
    'request-id': requestId,
    'stripe-version': String(req.headers['stripe-version'] ?? ''),
    ...(status === 500 && { 'stripe-should-retry': 'true' }),
  });
  res.end(text);
}

interface Asked {
  readonly pathname: string;
  readonly search: string;
  readonly body: string;
}

function answer(options: ApiOptions, req: IncomingMessage, asked: Asked): Answer {
  const { world, secretKey } = options;
  try {
    if (req.headers.authorization !== `Bearer ${secretKey}`) {
      throw new StripeFault(401, 'Invalid API Key provided.', { type: 'invalid_request_error' });
    }
    if (world.store.setting('outage') === 'on' && !asked.pathname.startsWith('/v1/_fake/')) {
      throw new StripeFault(500, 'An unknown error occurred.', { type: 'api_error' });
    }
    return world.store.together(() => {
      const made = once(world, req, asked);
      if (req.headers['fake-dry-run'] !== undefined) throw new DryRun(made);
      return made;
    });
  } catch (error) {
    if (error instanceof DryRun) return error.answer;
    if (error instanceof StripeFault) return toAnswer(error);
    options.log(`${req.method} ${asked.pathname}: ${error instanceof Error ? error.stack : error}`);
    return toAnswer(new StripeFault(500, 'The fake has failed; see its log.', { type: 'api_error' }));
  }
}

/** Carries an answer out of a transaction of which nothing is to be kept. */
class DryRun extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super('dry run');
    this.answer = answer;
  }
}

const toAnswer = (fault: StripeFault): Answer => ({ status: fault.status, body: json(fault.body()) });
const json = (value: unknown) => JSON.stringify(value, null, 2);

/** A POST with a key that was used is answered as then, whether it was a success or not. */
function once(world: World, req: IncomingMessage, asked: Asked): Answer {
  const key = req.method === 'POST' ? req.headers['idempotency-key'] : undefined;
  if (typeof key !== 'string') return run(world, req.method ?? '', asked);
  const request = `${asked.pathname}\n${asked.body}`;
  const kept = world.store.findAnswer(key);
  if (kept && kept.request !== request) {
    throw new StripeFault(
      400,
      `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      { type: 'idempotency_error' },
    );
  }
  if (kept) return kept;
  const made = run(world, 'POST', asked);
  // As at Stripe: what was refused before anything ran can be tried again under its key.
  if (made.status === 200 || made.status === 402) world.store.keepAnswer(key, { request, ...made });
  return made;
}

function run(world: World, method: string, { pathname, search, body }: Asked): Answer {
  const found = findEndpoint(method, pathname);
  if (!found) {
    throw new StripeFault(404, `Unrecognized request URL (${method}: ${pathname}).`, {
      type: 'invalid_request_error',
    });
  }
  const form = parseForm(method === 'POST' ? body : search.slice(1));
  try {
    return { status: 200, body: json(found.endpoint.run(world, found.id, form)) };
  } catch (error) {
    // A card that does not pay is an outcome, kept under its key; nothing was written before it was tried.
    if (error instanceof StripeFault && error.status === 402) return toAnswer(error);
    throw error;
  }
}

export function findEndpoint(
  method: string,
  pathname: string,
): { endpoint: Endpoint; id: string } | undefined {
  const parts = pathname.split('/');
  for (const one of ENDPOINTS) {
    const wanted = one.path.split('/');
    if (one.method !== method || wanted.length !== parts.length) continue;
    if (!wanted.every((part, at) => part === parts[at] || (part === ':id' && parts[at] !== ''))) continue;
    return { endpoint: one, id: decodeURIComponent(parts[wanted.indexOf(':id')] ?? '') };
  }
  return undefined;
}

export async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new StripeFault(413, 'The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
