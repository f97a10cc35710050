import { type Logger, pino } from 'pino';

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

/** JSON lines on stdout. Requests are logged by operation name and id, so no URL with a signature is written. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
