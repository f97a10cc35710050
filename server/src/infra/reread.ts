import type { z } from 'zod';
import { readConfig } from './config.ts';
import type { Logger } from './log.ts';

/** Settings that are lists of secrets: their values are taken over while the process runs. */
const LISTS = ['STAGER_OBJECTS_SECRETS', 'STAGER_SESSION_SECRETS', 'STAGER_STRIPE_WEBHOOK_SECRETS'] as const;

/**
 * Reads the lists of secrets again, out of the files that `NAME_FILE` names. Whoever was given a list holds it itself,
 * so that what it is becomes of use at once. A list that was not there at the start, or is not there any more, stays so.
 * @param config as it was read at the start; its lists change
 * @returns names of the settings that have changed
 * @throws ConfigError, and changes nothing, when any of the configuration is not valid
 */
export function rereadSecrets<S extends z.ZodObject>(
  schema: S,
  config: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): string[] {
  const fresh: Readonly<Record<string, unknown>> = readConfig(schema, env);
  return LISTS.filter((name) => {
    const [held, read] = [config[name], fresh[name]];
    if (!Array.isArray(held) || !Array.isArray(read)) return false;
    if (held.length === read.length && held.every((secret, at) => secret === read[at])) return false;
    held.splice(0, held.length, ...read);
    return true;
  });
}

export function rereadAndTell<S extends z.ZodObject>(
  schema: S,
  config: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  log: Pick<Logger, 'info' | 'error'>,
): void {
  try {
    const changed = rereadSecrets(schema, config, env);
    log.info({ changed }, 'secrets read again');
  } catch (error) {
    log.error({ err: error }, 'secrets are not read again: the configuration is not valid');
  }
}
