import type { z } from 'zod';
import { StripeFault } from './errors.ts';
import type { Form } from './form.ts';
import { readParams } from './params.ts';
import type { World } from './world.ts';

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `:id` where one stands. */
  readonly path: string;
  readonly run: (world: World, id: string, form: Form) => unknown;
}

/** An endpoint whose parameters are read before it runs. */
export function endpoint<T>(
  name: `${Endpoint['method']} /v1/${string}`,
  params: z.ZodType<T>,
  run: (world: World, params: T, id: string) => unknown,
): Endpoint {
  const [method = '', path = ''] = name.split(' ');
  return {
    // The template above has one of them in front of the blank.
    method: method as Endpoint['method'],
    path,
    run: (world, id, form) => run(world, readParams(params, form), id),
  };
}

/** One page of a list, newest first. */
export function pageOf<T extends { readonly id: string }>(
  url: string,
  all: readonly T[],
  { limit = 10, starting_after: after }: { limit?: number | undefined; starting_after?: string | undefined },
): { object: 'list'; url: string; has_more: boolean; data: T[] } {
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0) {
    throw new StripeFault(400, `No such object: '${after}'`, {
      code: 'resource_missing',
      param: 'starting_after',
    });
  }
  const data = all.slice(start, start + limit);
  return { object: 'list', url, has_more: start + limit < all.length, data };
}
