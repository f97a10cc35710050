import { inject } from 'vitest';
import { envOf } from './services.ts';
import type {} from './servicesSetup.ts';

/** Whether the tests of this project run on the servers of production. */
export const onServices = process.env['STAGER_TEST_PROFILE'] === 'services';

/** What makes a stack use the servers of the run: each data folder has buckets and keys of its own on them. */
export function serviceEnv(dataDir: string): Record<string, string> {
  return onServices ? envOf(inject('services'), dataDir) : {};
}
