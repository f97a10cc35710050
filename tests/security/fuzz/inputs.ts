import fc from 'fast-check';
import { pathParams, type RouteSpec } from '../../../server/src/contract/index.ts';
import type { RouteSchemas } from '../../../server/src/contract/openapi.ts';
import { hostileText, hostileValue, spoilt, type ValueContext, valid } from './values.ts';

export interface Input {
  readonly kind: 'valid' | 'near' | 'hostile';
  readonly path: string;
  readonly headers: Headers;
  readonly body: string | undefined;
}

type Headers = Readonly<Record<string, string | undefined>>;
type Fields = Readonly<Record<string, unknown>>;

interface Parts {
  readonly params: Fields;
  readonly query: Fields;
  readonly body: unknown;
}

/** Requests of an operation: of ten, about four as its schema has it, five spoilt in one place, one made to harm. */
export function inputsOf(
  route: RouteSpec,
  schemas: RouteSchemas,
  context: ValueContext,
): fc.Arbitrary<Input> {
  const parts = fc.record({
    params: fields(schemas.params, context),
    query: fields(schemas.query, context),
    body: schemas.body ? valid(schemas.body, context) : fc.constant(undefined),
  });
  const headers = goodHeaders(route);
  const good = fc.tuple(parts, headers).map(([part, own]) => assemble(route, 'valid', part, own));
  const near = fc
    .tuple(parts, headers)
    .chain(([part, own]) =>
      spoiltParts(route, schemas, part).map((spoiled) => assemble(route, 'near', spoiled, own)),
    );
  const hostile = fc
    .tuple(parts, hostileHeaders, hostileBody(route), hostileText)
    .map(([part, own, body, word]) => {
      const request = assemble(route, 'hostile', part, own);
      const query = `${request.path.includes('?') ? '&' : '?'}${safe(word)}`;
      return { ...request, body, path: body === undefined ? request.path + query : request.path };
    });
  return fc.oneof(
    { weight: 4, arbitrary: good },
    { weight: 5, arbitrary: near },
    { weight: 1, arbitrary: hostile },
  );
}

function fields(schema: RouteSchemas['query'], context: ValueContext): fc.Arbitrary<Fields> {
  // Schemas of params and queries are objects.
  return schema ? (valid(schema, context) as fc.Arbitrary<Fields>) : fc.constant({});
}

function goodHeaders(route: RouteSpec): fc.Arbitrary<Headers> {
  const model: Record<string, fc.Arbitrary<string>> = {};
  if (route.idempotent) model['idempotency-key'] = fc.oneof(fc.uuid(), fc.constantFrom('a', 'b'));
  if (route.success.stream) model['last-event-id'] = fc.oneof(fc.nat().map(String), printable);
  const own: fc.Arbitrary<Headers> = fc.record(model, { requiredKeys: [] });
  return own.map((some) => (route.body ? { ...some, 'content-type': 'application/json' } : some));
}

/** What may stand in a header: Node's client sends nothing else. */
const printable = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map(String.fromCharCode),
  maxLength: 300,
});

const hostileHeaders: fc.Arbitrary<Headers> = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/json; charset=utf-16',
      'APPLICATION/JSON',
    ),
    'idempotency-key': printable,
    'last-event-id': printable,
    'x-request-id': printable,
    'x-forwarded-for': printable,
    'if-none-match': printable,
    accept: printable,
  },
  { requiredKeys: ['content-type'] },
);

function hostileBody(route: RouteSpec): fc.Arbitrary<string | undefined> {
  if (!route.body) return fc.constant(undefined);
  return fc.oneof(
    fc.constantFrom(
      '',
      '{',
      '[]',
      'null',
      '{"a":1}{"b":2}',
      '\ufeff{}',
      '{"__proto__":{"a":1}}',
      '1e999',
      '"\\ud800"',
    ),
    fc.constant('['.repeat(5_000)),
    fc.constant(`{"a":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`),
    fc.string({ unit: 'binary', maxLength: 200 }),
    hostileValue.map((value) => JSON.stringify(value)),
  );
}

/** One of what the operation has, in which something is wrong. */
function spoiltParts(route: RouteSpec, schemas: RouteSchemas, parts: Parts): fc.Arbitrary<Parts> {
  const ways: fc.Arbitrary<Parts>[] = [
    fc
      .tuple(fc.oneof(hostileText, fc.string({ maxLength: 20 })), hostileText)
      .map(([name, value]) => ({ ...parts, query: { ...parts.query, [name]: value } })),
  ];
  for (const name of pathParams(route.path)) {
    ways.push(hostileText.map((value) => ({ ...parts, params: { ...parts.params, [name]: value } })));
  }
  for (const name of Object.keys(schemas.query?.properties ?? {})) {
    ways.push(hostileText.map((value) => ({ ...parts, query: { ...parts.query, [name]: value } })));
  }
  if (route.body) {
    const body = spoilt(parts.body).map((spoiled) => ({ ...parts, body: spoiled }));
    ways.push(body, body, body);
  }
  return fc.oneof(...ways);
}

function assemble(
  route: RouteSpec,
  kind: Input['kind'],
  { params, query, body }: Parts,
  headers: Headers,
): Input {
  const path = route.path.replaceAll(/:([A-Za-z]+)/g, (_whole, name: string) => {
    const part = safe(String(params[name]));
    // Such a part would be another address.
    return part === '' || part === '..' ? '%20' : part;
  });
  const search = Object.entries(query).map(([name, value]) => `${safe(name)}=${safe(String(value))}`);
  return {
    kind,
    path: search.length > 0 ? `${path}?${search.join('&')}` : path,
    headers,
    body: route.body && body !== undefined ? JSON.stringify(body) : undefined,
  };
}

/** Percent-encoded; halves of characters, which cannot be, as they would come from a careless client. */
function safe(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80';
}
