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

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

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
  STAGER_OBJECTS: z.enum(['disk']).default('disk').describe('Adapter of the pixel store'),
  STAGER_OBJECTS_DIR: z.string().min(1).describe('Folder of the disk store'),
  STAGER_OBJECTS_SECRETS: secretList.describe(
    'Secrets of the disk store’s signed links, comma-separated: the first signs, all verify',
  ),
  STAGER_OBJECTS_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .describe('Address under which clients reach the disk store'),
  STAGER_DOORBELL: z.enum(['postgres']).default('postgres').describe('How workers are told of due jobs'),
});

export const optionalFlag = flag;

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
  if (problems.length > 0 || !parsed.success) {
    throw new ConfigError(
      `The configuration is not valid:\n  ${problems.join('\n  ')}\nSee docs/configuration.md.`,
    );
  }
  return parsed.data;
}
