import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, Problem } from './errors.ts';
import { pathParams, type RouteSpec } from './route.ts';
import { SCOPES } from './scopes.ts';

/** A JSON Schema of draft 2020-12, as far as we write it. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly [keyword: string]: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
  readonly 'x-stager-role'?: string;
  readonly 'x-stager-rate': string;
  readonly 'x-stager-idempotency'?: string;
  readonly 'x-stager-errors': readonly string[];
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly [part: string]: unknown;
  };
  readonly [part: string]: unknown;
}

/** JSON Schemas of one operation; what has an id is a reference into the components. */
export interface RouteSchemas {
  readonly params?: JsonSchema;
  readonly query?: JsonSchema;
  readonly body?: JsonSchema;
  readonly result?: JsonSchema;
}

const REF = '#/components/schemas/';

/** Every code that an operation can answer with: its own and those that follow from what it is. Sorted by status. */
export function errorsOf(route: RouteSpec): ErrorCode[] {
  const codes = new Set<ErrorCode>([...route.errors, 'internal', 'unavailable']);
  const add = (condition: boolean, ...more: ErrorCode[]) => {
    if (condition) for (const code of more) codes.add(code);
  };
  add(
    route.scope !== null,
    'unauthenticated',
    'insufficient_scope',
    'account_suspended',
    'issuer_unavailable',
  );
  add(route.role !== null, 'no_account');
  add(route.role !== null && route.role !== 'member', 'role_required');
  add(true, 'invalid_request');
  add(route.body !== undefined, 'request_timeout', 'body_too_large', 'unsupported_media_type');
  add(route.idempotent !== undefined, 'idempotency_in_flight', 'idempotency_key_reused');
  add(route.rate !== 'none', 'rate_limited');
  return [...codes].sort((a, b) => ERROR_CODES[a].status - ERROR_CODES[b].status || a.localeCompare(b));
}

/** The contract as OpenAPI 3.1, and the schemas of each operation for other generators. */
export function buildOpenApi(routes: readonly RouteSpec[]): {
  document: OpenApiDocument;
  schemas: ReadonlyMap<string, RouteSchemas>;
} {
  const { components, schemas } = convert(routes);
  const paths: Record<string, Record<string, Operation>> = {};
  const byPath = routes.toSorted((a, b) => a.path.localeCompare(b.path) || a.method.localeCompare(b.method));
  for (const route of byPath) {
    const path = route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
    const methods = paths[path] ?? {};
    methods[route.method.toLowerCase()] = operation(route, schemas.get(route.name) ?? {});
    paths[path] = methods;
  }
  const tags = [...new Set(byPath.map((route) => route.tag))].sort();
  return { document: assemble(paths, components, failureResponses(byPath), tags), schemas };
}

function assemble(
  paths: OpenApiDocument['paths'],
  schemas: Readonly<Record<string, JsonSchema>>,
  responses: Readonly<Record<string, object>>,
  tags: readonly string[],
): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: 'stager API',
      version: '1',
      description:
        'Virtual staging of property photos. Answers that fail are RFC 9457 problems with a stable `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://127.0.0.1:4600', description: 'The stack of `npm run dev`' }],
    tags: tags.map((name) => ({ name })),
    paths,
    components: {
      schemas,
      responses,
      headers: {
        RequestId: { description: 'Names this request in our logs', schema: { type: 'string' } },
        RateLimit: {
          description:
            '`"class";r=left;t=seconds` until the budget is full again (IETF RateLimit header fields)',
          schema: { type: 'string' },
        },
        RetryAfter: {
          description: 'Seconds to wait before the same request is sent again',
          schema: { type: 'integer' },
        },
        IdempotentReplayed: {
          description: '`true` when the answer belongs to an earlier request with this `Idempotency-Key`',
          schema: { type: 'string' },
        },
      },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `Access token. Scopes: ${Object.entries(SCOPES)
            .map(([name, words]) => `\`${name}\` (${words})`)
            .join('; ')}`,
        },
      },
    },
  };
}

function operation(route: RouteSpec, schemas: RouteSchemas): Operation {
  const parameters = [
    ...pathParams(route.path).map((name) => parameter(name, 'path', schemas.params)),
    ...Object.keys(schemas.query?.properties ?? {}).map((name) => parameter(name, 'query', schemas.query)),
    ...headerParameters(route),
  ];
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    security: route.scope === null ? [] : [{ bearer: [route.scope] }],
    parameters,
    ...(schemas.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemas.body } } } }
      : {}),
    responses: { [route.success.status]: success(route, schemas.result), ...failures(route) },
    ...(route.role === null ? {} : { 'x-stager-role': route.role }),
    'x-stager-rate': route.rate,
    ...(route.idempotent ? { 'x-stager-idempotency': route.idempotent } : {}),
    'x-stager-errors': errorsOf(route),
  };
}

function parameter(name: string, place: 'path' | 'query', shape: JsonSchema | undefined): Parameter {
  const { description, ...schema } = shape?.properties?.[name] ?? {};
  const required = place === 'path' || (shape?.required ?? []).includes(name);
  return { name, in: place, required, ...(description ? { description } : {}), schema };
}

const IDEMPOTENCY_WORDS = {
  store: 'A repeat with the same key and body gets the stored answer.',
  recompute: 'A repeat with the same key and body is not done again; its links are made anew.',
  once: 'A repeat with the same key and body is not done again; its secret, shown once, is not shown again.',
} as const;

function headerParameters(route: RouteSpec): Parameter[] {
  const list: Parameter[] = [];
  if (route.idempotent) {
    list.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: IDEMPOTENCY_WORDS[route.idempotent],
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
    });
  }
  if (route.success.stream) {
    list.push({
      name: 'Last-Event-ID',
      in: 'header',
      required: false,
      description: 'Resume behind this event',
      schema: { type: 'string' },
    });
  }
  return list;
}

function success(route: RouteSpec, schema: JsonSchema | undefined): object {
  const { description, stream } = route.success;
  const headers = {
    'X-Request-Id': { $ref: '#/components/headers/RequestId' },
    ...(route.rate === 'none' ? {} : { RateLimit: { $ref: '#/components/headers/RateLimit' } }),
    ...(route.idempotent
      ? { 'Idempotent-Replayed': { $ref: '#/components/headers/IdempotentReplayed' } }
      : {}),
  };
  if (!schema) return { description, headers };
  // An `itemSchema` would say it better, but it came with OpenAPI 3.2.
  const content = stream
    ? { [stream]: { schema: { type: 'string' }, 'x-stager-event': schema } }
    : { 'application/json': { schema } };
  return { description, headers, content };
}

/** One response per status; shared by all operations that can fail in the same ways. */
function failures(route: RouteSpec): Record<string, object> {
  return Object.fromEntries(
    [...codesByStatus(route)].map(([status, codes]) => [
      status,
      { $ref: `#/components/responses/${responseName(codes)}` },
    ]),
  );
}

function codesByStatus(route: RouteSpec): Map<number, ErrorCode[]> {
  return Map.groupBy(errorsOf(route), (code) => ERROR_CODES[code].status);
}

function responseName(codes: readonly ErrorCode[]): string {
  return codes
    .map((code) => code.replaceAll(/(?:^|_)([a-z])/g, (_whole, letter: string) => letter.toUpperCase()))
    .join('Or');
}

function failureResponses(routes: readonly RouteSpec[]): Record<string, object> {
  const all: Record<string, object> = {};
  for (const [status, codes] of routes.flatMap((route) => [...codesByStatus(route)])) {
    all[responseName(codes)] = failure(status, codes);
  }
  return sortKeys(all);
}

function failure(status: number, codes: readonly ErrorCode[]): object {
  const waits = status !== 500 && codes.some((code) => ERROR_CODES[code].retryable);
  return {
    description: codes.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}`).join('; '),
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/RequestId' },
      ...(waits ? { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } : {}),
    },
    content: {
      'application/problem+json': {
        schema: { allOf: [{ $ref: `${REF}Problem` }, { properties: { code: { enum: codes } } }] },
      },
    },
  };
}

function convert(routes: readonly RouteSpec[]) {
  const inputs: Record<string, z.ZodType> = {};
  const outputs: Record<string, z.ZodType> = { 'problem.result': Problem };
  for (const { name, params, query, body, success: answer } of routes) {
    if (params) inputs[`${name}.params`] = params;
    if (query) inputs[`${name}.query`] = query;
    if (body) inputs[`${name}.body`] = body;
    if (answer.schema) outputs[`${name}.result`] = answer.schema;
  }
  const read = toJsonSchemas(inputs, 'input');
  const written = toJsonSchemas(outputs, 'output');
  for (const [id, schema] of Object.entries(read.defs)) {
    if (written.defs[id] && JSON.stringify(written.defs[id]) !== JSON.stringify(schema)) {
      throw new Error(
        `schema ${id} differs between request and response: give the two shapes ids of their own`,
      );
    }
  }
  const components = sortKeys({ ...read.defs, ...written.defs });
  const schemas = new Map<string, RouteSchemas>();
  for (const { name } of routes) {
    const pick = (part: keyof RouteSchemas): RouteSchemas => {
      const schema = read.roots[`${name}.${part}`] ?? written.roots[`${name}.${part}`];
      return schema ? { [part]: schema } : {};
    };
    schemas.set(name, { ...pick('params'), ...pick('query'), ...pick('body'), ...pick('result') });
  }
  return { components, schemas };
}

function toJsonSchemas(shapes: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output') {
  const whole = z.toJSONSchema(z.object(shapes), {
    io,
    override({ jsonSchema }) {
      // zod bounds every integer by what a double can hold and spells formats out as patterns: noise to a reader.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  const text = JSON.stringify(whole).replaceAll('"#/$defs/', `"${REF}`);
  // What zod writes is JSON Schema; our type names the keywords that are read here.
  const { properties, $defs } = JSON.parse(text) as {
    properties: Record<string, JsonSchema>;
    $defs?: Record<string, JsonSchema>;
  };
  const defs = Object.fromEntries(
    Object.entries($defs ?? {}).map(([name, { id: _id, ...schema }]) => [name, schema]),
  );
  return { roots: properties, defs };
}

function sortKeys<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
