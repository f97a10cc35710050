import { type ListedObject, ObjectStoreError, type Objects } from '../../server/src/ports/index.ts';

/** What a store may do instead of answering. */
export const FAULTS = ['denied', 'failed', 'unreachable', 'cut', 'repeated', 'swapped', 'omitted'] as const;
export type Fault = (typeof FAULTS)[number];

/** These are listings that look like listings; other calls cannot have them. */
const OF_LISTINGS: readonly Fault[] = ['cut', 'repeated', 'swapped', 'omitted'];

export interface FaultyObjects {
  readonly objects: Objects;
  /** Calls so far, a page of a listing counting as one. */
  readonly calls: readonly string[];
}

/**
 * The store, with a fault in one of its calls.
 * @param at which call, counted from 0
 */
export function faultyObjects(store: Objects, fault: Fault | null, at: number): FaultyObjects {
  const calls: string[] = [];
  const isDue = (name: string) => calls.push(name) - 1 === at && fault !== null;
  const strike = (name: string): void => {
    if (isDue(name)) fail(fault);
  };
  const objects = new Proxy(store, {
    get(target, name: keyof Objects) {
      if (name === 'list') {
        return async function* list(...args: Parameters<Objects['list']>) {
          for await (const page of target.list(...args)) {
            if (!isDue('list')) {
              yield page;
              continue;
            }
            if (fault === 'cut') return;
            yield* twisted(page, fault);
          }
        };
      }
      const method: unknown = target[name];
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        strike(String(name));
        return method.apply(target, args);
      };
    },
  });
  return { objects, calls };
}

function* twisted(page: readonly ListedObject[], fault: Fault | null): Generator<readonly ListedObject[]> {
  if (fault === 'repeated') yield* [page, page];
  else if (fault === 'swapped') yield page.toReversed();
  else if (fault === 'omitted') yield page.slice(1);
  else fail(fault);
}

function fail(fault: Fault | null): void {
  // What only a listing can do is, for another call, a store that does not answer.
  const code = fault === null || OF_LISTINGS.includes(fault) ? 'unreachable' : fault;
  throw new ObjectStoreError(code as ObjectStoreError['code'], `The store is ${code}.`);
}
