import { z } from 'zod';
import { StripeFault } from './errors.ts';
import type { Form } from './form.ts';

/** All values of a form are texts. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
export const int = z
  .string()
  .regex(/^-?\d{1,15}$/, 'Invalid integer')
  .transform(Number);
export const text = z.string().min(1).max(5_000);
export const metadata = z.record(z.string().max(40), z.string().max(500)).default({});
/** A unit amount in the smallest unit, with fractions. */
export const decimal = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, 'Invalid decimal');

/** What every list takes. */
export const listing = {
  limit: int.pipe(z.int().min(1).max(100)).optional(),
  starting_after: text.optional(),
  ending_before: z.undefined().optional(),
  expand: z.array(text).optional(),
};
export const expanding = { expand: z.array(text).optional() };

/**
 * The parameters of an endpoint, in Stripe's words where they are wrong.
 * @throws StripeFault
 */
export function readParams<T>(schema: z.ZodType<T>, form: Form): T {
  const read = schema.safeParse(form);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const param = nameOf(issue?.path ?? []);
  if (issue?.code === 'unrecognized_keys') {
    const unknown = nameOf([...issue.path, issue.keys[0] ?? '']);
    throw new StripeFault(400, `Received unknown parameter: ${unknown}`, {
      code: 'parameter_unknown',
      param: unknown,
    });
  }
  if (issue && valueAt(form, issue.path) === undefined) {
    throw new StripeFault(400, `Missing required param: ${param}.`, { code: 'parameter_missing', param });
  }
  throw new StripeFault(400, `Invalid ${param}: ${issue?.message ?? 'not possible'}`, { param });
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.map((key, at) => (at === 0 ? String(key) : `[${String(key)}]`)).join('');
}

function valueAt(form: unknown, path: readonly PropertyKey[]): unknown {
  let value = form;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
