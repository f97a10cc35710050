import { createRelay, type Relay, type RelayOptions } from '@stager/server/core/relay/relay';

/** What a worker writes is news of what it does: several are told together. */
const REST_MS = 25;

/** The relay of a worker: of everything, and at leisure, as the API's rings at once. */
export function createWorkerRelay(options: Omit<RelayOptions, 'kinds' | 'restMs'>): Relay {
  return createRelay({ ...options, kinds: ['job', 'events', 'remove_object'], restMs: REST_MS });
}
