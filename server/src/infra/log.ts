import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { scrub } from './scrub.ts';

export type { Logger };

/** Names of fields that never reach a log, at any of the places where we log objects. */
const SECRET_FIELDS = [
  'authorization',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'password',
  'cookie',
  'url',
];

/** What else of an error is written: names and numbers. Drivers hang requests, rows and credentials on theirs. */
const ERROR_FIELDS = ['code', 'errno', 'syscall', 'status', 'severity', 'schema', 'table', 'constraint'];
const CAUSES_MAX = 5;

function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const own = new Map(Object.entries(error));
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...Object.fromEntries(
      ERROR_FIELDS.filter((field) => own.has(field)).map((field) => [field, own.get(field)]),
    ),
    ...(error.cause !== undefined && depth < CAUSES_MAX
      ? { cause: describeError(error.cause, depth + 1) }
      : {}),
  };
}

/**
 * JSON lines, on stdout unless told otherwise. Requests are logged by operation name and id, so no URL with a
 * signature is written.
 */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    name,
    level,
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => describeError(error) },
    hooks: { streamWrite: scrub },
  };
  return destination ? pino(options, destination) : pino(options);
}
