import fc from 'fast-check';
import type { JsonSchema } from '../../../server/src/contract/openapi.ts';
import { resolved } from '../example.ts';

export interface ValueContext {
  readonly components: Readonly<Record<string, JsonSchema>>;
  /** Ids that exist, that another account has, and that nobody has. */
  readonly ids: (prefix: string) => readonly string[];
  /** One that a list has given; without one there is none that is valid. */
  readonly cursor: string | undefined;
}

/** Items of an array that is not there to be too long. */
const FEW = 3;
const TEXT_MAX = 40;
const CENTURY = { min: new Date('1970-01-01'), max: new Date('2069-12-31'), noInvalidDate: true } as const;

/** Values that a schema accepts, as far as it tells. */
export function valid(schema: JsonSchema, context: ValueContext): fc.Arbitrary<unknown> {
  const shape = resolved(schema, context.components);
  if (shape.const !== undefined) return fc.constant(shape.const);
  if (shape.enum) return fc.constantFrom(...shape.enum);
  const members = shape.anyOf ?? shape.oneOf;
  if (members) return fc.oneof(...members.map((member) => valid(member, context)));
  switch (shape.type) {
    case 'object':
      return validObject(shape, context);
    case 'array': {
      const minLength = Number(shape['minItems'] ?? 0);
      const maxLength = Math.min(Number(shape['maxItems'] ?? FEW), Math.max(minLength, FEW));
      return fc.array(valid(shape.items ?? {}, context), { minLength, maxLength });
    }
    case 'integer':
      return fc.integer(bounds(shape, 1e9));
    case 'number':
      return fc.double({ ...bounds(shape, 1e9), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return text(shape, context);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function validObject(shape: JsonSchema, context: ValueContext): fc.Arbitrary<unknown> {
  const { properties, additionalProperties: more } = shape;
  if (!properties && typeof more === 'object') {
    return fc.dictionary(fc.string({ maxLength: TEXT_MAX }), valid(more, context), { maxKeys: FEW });
  }
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, property] of Object.entries(properties ?? {})) {
    if (name !== 'cursor') model[name] = valid(property, context);
    else if (context.cursor !== undefined) model[name] = fc.constant(context.cursor);
  }
  return fc.record(model, { requiredKeys: [...(shape.required ?? [])] });
}

function bounds(shape: JsonSchema, reach: number): { min: number; max: number } {
  const min = Number(shape['minimum'] ?? -reach);
  return { min, max: Number(shape['maximum'] ?? Math.max(min, reach)) };
}

function text(shape: JsonSchema, context: ValueContext): fc.Arbitrary<string> {
  const pattern = String(shape['pattern'] ?? '');
  const prefix = /^\^([a-z]+)_\[/.exec(pattern)?.[1];
  if (prefix) return fc.constantFrom(...context.ids(prefix));
  if (shape.format === 'email') return fc.emailAddress().filter((email) => new RegExp(pattern).test(email));
  if (shape.format === 'date-time') {
    return fc.date(CENTURY).map((date) => date.toISOString());
  }
  if (/^\^\[/.test(pattern) && !pattern.includes('\\p')) return fc.stringMatching(new RegExp(pattern));
  const minLength = Number(shape['minLength'] ?? 0);
  const maxLength = Math.max(minLength, Math.min(TEXT_MAX, Number(shape['maxLength'] ?? TEXT_MAX)));
  return fc.oneof(
    fc.string({ minLength, maxLength }),
    fc.string({ minLength, maxLength, unit: 'grapheme' }),
    fc.constantFrom('living room.jpg', 'Küche & Bad', '客厅'),
  );
}

/** Words that break what was put together from strings: SQL, paths, shells, markup, formats, logs. */
const HOSTILE_TEXTS = [
  "'; DROP TABLE images; --",
  "' OR '1'='1",
  '../../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '<script>alert(1)</script>',
  '{{7*7}}#{7*7}',
  '$(id)`id`|id;id',
  '%s%n%x%p',
  'a\r\nSet-Cookie: x=1',
  '\u0000',
  '\ud800',
  '\u202e\u200b\ufeff',
  'İıſK',
  'constructor',
  '__proto__',
  'NaN',
  'null',
  '-0',
  '1e309',
  '9007199254740993',
  '0x10',
  '٣',
  '',
  ' ',
];
const HOSTILE_VALUES: readonly unknown[] = [
  ...HOSTILE_TEXTS,
  'a'.repeat(10_000),
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  -(2 ** 53),
  2 ** 32,
  [],
  {},
  [[]],
  { toString: 1 },
];

export const hostileText = fc.constantFrom(...HOSTILE_TEXTS);
export const hostileValue = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HOSTILE_VALUES) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
);

/** A value with one thing about it changed: a field dropped, added, doubled or exchanged, at any depth. */
export function spoilt(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value)) {
    const places = value.map((item, n) => spoilt(item).map((other) => value.with(n, other)));
    return fc.oneof(
      hostileValue,
      fc.constant([]),
      fc.constant(Array.from({ length: 101 }, () => value[0] ?? null)),
      hostileValue.map((extra) => [...value, extra]),
      ...places,
    );
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    const places = entries.flatMap(([name, part]) => [
      spoilt(part).map((other) => ({ ...value, [name]: other })),
      fc.constant(Object.fromEntries(entries.filter(([other]) => other !== name))),
    ]);
    const added = fc
      .tuple(fc.oneof(hostileText, fc.string({ maxLength: TEXT_MAX })), hostileValue)
      .map(([name, part]) => Object.fromEntries([...entries, [name, part]]));
    return fc.oneof({ weight: 1, arbitrary: hostileValue }, { weight: 2, arbitrary: added }, ...places);
  }
  return hostileValue;
}
