import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Every violation at once, each naming its variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Comma-separated list of secrets: the first signs, all verify. */
export const secretList = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().min(16, 'each secret needs at least 16 characters')).min(1));

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Where the secret key is sent: https, or it does not leave the machine. */
const stripeUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  if (!url || url.origin !== text) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}, 'must be an origin like https://stripe.example.com, without a slash behind it; http is for this machine only');

/** What the API and the worker both read. */
export const baseConfig = z.object({
  STAGER_ENV: z
    .enum(['production', 'development', 'test'])
    .default('production')
    .describe('Responses are checked against the contract unless this is `production`'),
  STAGER_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('Lowest level that is logged'),
  STAGER_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('Connection as the role of this process, never as owner or superuser'),
  STAGER_DATABASE_POOL: z.coerce
    .number()
    .int()
    .min(2)
    .max(200)
    .default(10)
    .describe('Largest number of pooled connections'),
  STAGER_OBJECTS: z
    .enum(['disk', 's3'])
    .default('disk')
    .describe(
      'Adapter of the pixel store: a folder of this machine, or MinIO and other stores that speak S3',
    ),
  STAGER_OBJECTS_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .describe('Address under which clients reach the pixel store; signed links hold it'),
  STAGER_OBJECTS_DIR: z.string().min(1).optional().describe('`disk`: folder of the store'),
  STAGER_OBJECTS_SECRETS: secretList
    .optional()
    .describe('`disk`: secrets of its signed links, comma-separated: the first signs, all verify'),
  STAGER_S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('`s3`: address of the store for our own calls'),
  STAGER_S3_REGION: z.string().min(1).default('us-east-1').describe('`s3`: region of the buckets'),
  STAGER_S3_ACCESS_KEY: z.string().min(1).optional().describe('`s3`: access key'),
  STAGER_S3_SECRET_KEY: z.string().min(1).optional().describe('`s3`: secret key'),
  STAGER_S3_UPLOADS_BUCKET: z
    .string()
    .min(3)
    .default('stager-uploads')
    .describe('`s3`: bucket for what clients send'),
  STAGER_S3_PHOTOS_BUCKET: z
    .string()
    .min(3)
    .default('stager-photos')
    .describe('`s3`: bucket for originals and results'),
  STAGER_DOORBELL: z
    .enum(['postgres', 'bee'])
    .default('postgres')
    .describe('How workers are told of due jobs: by the database, or by bee-queue on Redis'),
  STAGER_REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe('Redis of the doorbell `bee` and the limiter `redis`'),
  STAGER_STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\w+$/, 'must be a secret or restricted key of Stripe: sk_… or rk_…')
    .optional()
    .describe(
      'Payments: key of the account at Stripe, best a restricted one for each process; without it there are none',
    ),
  STAGER_STRIPE_API_URL: stripeUrl
    .optional()
    .describe('Payments: another server that answers like Stripe, for development. Default: Stripe'),
  STAGER_REDIS_PREFIX: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, dots, dashes and underscores only')
    .default('stager')
    .describe('Begins every key in Redis'),
});

export type BaseConfig = z.output<typeof baseConfig>;

/** What a choice of adapters needs beside itself; null: whatever it is set to. */
const NEEDED: readonly (readonly [name: string, value: string | null, needs: readonly string[]])[] = [
  ['STAGER_OBJECTS', 'disk', ['STAGER_OBJECTS_DIR', 'STAGER_OBJECTS_SECRETS']],
  ['STAGER_OBJECTS', 's3', ['STAGER_S3_ENDPOINT', 'STAGER_S3_ACCESS_KEY', 'STAGER_S3_SECRET_KEY']],
  ['STAGER_DOORBELL', 'bee', ['STAGER_REDIS_URL']],
  ['STAGER_LIMITER', 'redis', ['STAGER_REDIS_URL']],
  ['STAGER_PUBLIC_URL', null, ['STAGER_WEB_CLIENT_ID', 'STAGER_WEB_CLIENT_SECRET', 'STAGER_SESSION_SECRETS']],
];

function missingFor(schema: z.ZodObject, values: Readonly<Record<string, string>>): string[] {
  return NEEDED.flatMap(([name, value, needs]) => {
    const choice = schema.shape[name]?.safeParse(values[name]);
    if (value === null ? choice?.data === undefined : choice?.data !== value) return [];
    return needs
      .filter((need) => values[need] === undefined)
      .map((need) => `${need}: needed when ${name} is ${value ?? 'set'}`);
  });
}

/**
 * Parses a configuration from environment variables. `NAME_FILE` names a file that holds the value of `NAME`.
 * @throws ConfigError with one line per violation
 */
export function readConfig<S extends z.ZodObject>(schema: S, env: NodeJS.ProcessEnv): z.output<S> {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of Object.keys(schema.shape)) {
    const file = env[`${name}_FILE`];
    if (file) {
      try {
        values[name] = readFileSync(file, 'utf8').trim();
      } catch (error) {
        problems.push(
          `${name}_FILE: cannot read ${file} (${error instanceof Error ? error.message : error})`,
        );
      }
    } else if (env[name] !== undefined && env[name] !== '') {
      values[name] = env[name];
    }
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join('.')}: ${issue.message}`);
  }
  problems.push(...missingFor(schema, values));
  if (problems.length > 0 || !parsed.success) {
    throw new ConfigError(
      `The configuration is not valid:\n  ${problems.join('\n  ')}\nSee docs/configuration.md.`,
    );
  }
  return parsed.data;
}
