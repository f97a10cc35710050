import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../../log.ts';
import { toStoreError } from '../errors.ts';
import type { DiskObjects } from '../objects.ts';
import { type Claim, nonEmpty, type Secrets, verify } from '../signing.ts';
import { type Link, OBJECTS_PATH, readLink } from '../urls.ts';
import { getObject } from './get.ts';
import { ObjectProblem, toProblem } from './problems.ts';
import { putObject, readUploadHeaders } from './put.ts';
import { refuse } from './refuse.ts';

export interface ObjectsHandlerOptions {
  readonly objects: DiskObjects;
  readonly secrets: readonly string[];
  readonly log: Pick<Logger, 'info' | 'error'>;
  /** Milliseconds since 1970. Default: the clock of the machine. */
  readonly now?: () => number;
}

/** False when the request is not for an object; otherwise it is answered when the promise resolves. */
export type ObjectsHandler = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;

/** Serves the links that the disk store has signed. */
export function createObjectsHandler(options: ObjectsHandlerOptions): ObjectsHandler {
  const secrets = nonEmpty(options.secrets);
  const { objects, log, now = Date.now } = options;

  return async (req, res) => {
    const target = req.url ?? '';
    if (!target.startsWith(OBJECTS_PATH)) return false;
    const requestId = randomUUID();
    const started = performance.now();
    let failure: unknown;
    try {
      await serve(objects, secrets, now() / 1000, target, req, res);
    } catch (error) {
      const problem = toProblem(error instanceof ObjectProblem ? error : toStoreError(error));
      if (problem.status >= 500) failure = problem.cause;
      await refuse(req, res, problem, requestId);
    }
    const line = {
      requestId,
      operation: 'objects',
      method: req.method,
      status: res.statusCode,
      bytes: req.method === 'PUT' ? Number(req.headers['content-length'] ?? 0) : undefined,
      ms: Math.round(performance.now() - started),
    };
    if (failure) log.error({ ...line, err: failure }, 'request failed');
    else log.info(line, 'request');
    return true;
  };
}

async function serve(
  objects: DiskObjects,
  secrets: Secrets,
  nowSeconds: number,
  target: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { method = '' } = req;
  if (method !== 'PUT' && method !== 'GET' && method !== 'HEAD') {
    const allow = { allow: 'GET, HEAD, PUT' };
    throw new ObjectProblem('method_not_allowed', `${method} is not possible here.`, allow);
  }
  const link = readLink(target);
  if (!link) throw invalid();
  if (method === 'PUT') {
    const put = readUploadHeaders(req);
    // These words mean something on a download only, so we have never signed them here.
    if (link.name !== undefined || link.type !== undefined) throw invalid();
    admit(secrets, { ...link, put }, link, nowSeconds);
    await putObject(objects, link, put, req, res);
  } else {
    admit(secrets, { ...link, get: { name: link.name, type: link.type } }, link, nowSeconds);
    await getObject(objects, link, req, res);
  }
}

/** The signature first: nobody learns when a link would have expired that we have not made. */
function admit(secrets: Secrets, claim: Claim, link: Link, nowSeconds: number): void {
  if (!verify(secrets, claim, link.signature)) throw invalid();
  if (nowSeconds >= link.expires) {
    throw new ObjectProblem('url_expired', 'The link has expired. Ask for a new one.');
  }
}

function invalid(): ObjectProblem {
  return new ObjectProblem(
    'signature_invalid',
    'The link and its headers are not what was signed. Use both as they were given, or ask for new ones.',
  );
}
