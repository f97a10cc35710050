import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DomainError } from '../core/errors.ts';
import type { Logger } from '../infra/log.ts';
import { answerCors } from './cors.ts';
import { sendProblem, toProblem } from './problem.ts';
import { securityHeaders } from './securityHeaders.ts';

/** All times in milliseconds. */
export interface ServerLimits {
  /** Request line and headers together, in bytes. A token may have 8 KiB of them. */
  readonly maxHeaderSize: number;
  readonly maxHeaders: number;
  /** From the first moment of a connection or request to the end of its headers. */
  readonly headersMs: number;
  /** To the end of the body: a photo of 50 MB may take a quarter of an hour. JSON has a limit of its own. */
  readonly requestMs: number;
  /** Longer than balancers keep an idle connection (60 s): one that is closed under them costs a request. */
  readonly keepAliveMs: number;
  /** A connection on which nothing moves, such as that of a reader that has stopped reading. */
  readonly idleMs: number;
  /** Between two looks at the times above. */
  readonly checkMs: number;
  /** Balances clients over processes again, and bounds what one connection can hold on to. */
  readonly requestsPerSocket: number;
}

export const SERVER_LIMITS: ServerLimits = {
  maxHeaderSize: 16 * 1024,
  maxHeaders: 100,
  headersMs: 15_000,
  requestMs: 15 * 60_000,
  keepAliveMs: 65_000,
  idleMs: 5 * 60_000,
  checkMs: 5_000,
  requestsPerSocket: 10_000,
};

export interface ServerOptions {
  /** Answers a request that has passed the limits. */
  readonly handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  readonly log: Pick<Logger, 'info'>;
  /** Seconds of Strict-Transport-Security; 0 where no TLS stands in front. */
  readonly hstsSeconds: number;
  readonly corsOrigins: readonly string[];
  /** Fires when the process is about to end: from then on no connection is kept for another request. */
  readonly draining: AbortSignal;
  readonly limits?: Partial<ServerLimits>;
}

/** The HTTP server of the API: what a request may cost before anything is known of it, and what each answer carries. */
export function createApiServer(options: ServerOptions): Server {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const always = securityHeaders(options.hstsSeconds);
  const origins = new Set(options.corsOrigins);
  const connections = new WeakMap<Duplex, Connection>();

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const requests = (connections.get(req.socket)?.requests ?? 0) + 1;
    connections.set(req.socket, { last: res, requests });
    for (const [name, value] of Object.entries(always)) res.setHeader(name, value);
    const problem = whyRefused(req, limits);
    // Node's own limit answers the request behind the last one with an empty 503.
    const last = requests >= limits.requestsPerSocket || options.draining.aborted;
    if (problem || last) res.setHeader('connection', 'close');
    if (problem) sendProblem(res, problem, randomUUID());
    else if (!answerCors(origins, req, res)) await options.handle(req, res);
  }

  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderSize,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkMs,
    },
    answer,
  );
  server.timeout = limits.idleMs;
  closeUnusedAsIdle(server);
  // RFC 9110 section 10.1.1 lets us ignore expectations that we do not know; Node would answer with an empty 417.
  server.on('checkExpectation', answer);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuseConnection(error, socket, connections.get(socket)?.last, always, options.log);
  });
  return server;
}

/** Clients open connections ahead. One on which nothing was ever sent is idle, too; to Node it is busy for `headersMs`. */
function closeUnusedAsIdle(server: Server): void {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  const closeIdle = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => {
    closeIdle();
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  };
}

interface Connection {
  readonly last: ServerResponse;
  readonly requests: number;
}

/** What Node lets pass, and could mean something else to whoever stands in front of us. */
function whyRefused(req: IncomingMessage, { maxHeaders }: ServerLimits): DomainError | undefined {
  // Node leaves out what goes beyond a number of its own without a word, and with it perhaps what decides.
  if (req.rawHeaders.length > maxHeaders * 2) {
    return new DomainError('headers_too_large', `A request may have at most ${maxHeaders} headers.`);
  }
  // RFC 9112 section 3.2
  const hosts = req.rawHeaders.filter((name, n) => n % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1 || req.httpVersionMajor !== 1) return connectionProblem('ambiguous');
  return undefined;
}

/** What cannot be read as a request is answered here, and its connection closed: nothing behind it is looked at. */
function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  last: ServerResponse | undefined,
  always: Readonly<Record<string, string>>,
  log: Pick<Logger, 'info'>,
): void {
  // Node hands over the bytes that it could not read; they may hold a token, so only the code is logged.
  const { code = 'unknown' } = error;
  const busy = last !== undefined && !last.writableFinished;
  const ofItsBody = busy && !last.req.complete && !last.headersSent;
  if (code === 'ECONNRESET' || !socket.writable || (busy && !ofItsBody)) {
    socket.destroy();
    return;
  }
  const problem = toProblem(connectionProblem(code), randomUUID());
  const body = JSON.stringify(problem.body);
  const headers = {
    ...always,
    ...problem.headers,
    'x-request-id': problem.body.requestId,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${problem.status} ${problem.body.title}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
  // A client that never closes its half must not keep ours.
  socket.once('finish', () => socket.destroy());
  log.info(
    { requestId: problem.body.requestId, operation: 'none', status: problem.status, code },
    'request refused',
  );
}

function connectionProblem(code: string): DomainError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new DomainError('request_timeout', 'The request did not arrive whole in time. Send it again.');
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new DomainError('headers_too_large', 'The address and the headers of the request are too long.');
  }
  return new DomainError(
    'invalid_request',
    'This is not a request of HTTP/1.1 that can be understood in one way.',
  );
}
