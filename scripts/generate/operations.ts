import type { JsonSchema, RouteSchemas } from '../../server/src/contract/openapi.ts';
import { pathParams, type RouteSpec } from '../../server/src/contract/route.ts';
import { queryType } from './types.ts';

const BANNER = '// Written by `npm run generate` from docs/openapi.json.';

/** The operation table of the SDK, and what goes in and comes out of each operation. */
export function emitOperations(
  routes: readonly RouteSpec[],
  schemas: ReadonlyMap<string, RouteSchemas>,
): string {
  const used = new Set<string>();
  const shape = (schema: JsonSchema | undefined, where: string): string => {
    if (!schema) return 'undefined';
    const name = schema.$ref?.split('/').at(-1);
    if (!name) throw new Error(`${where} needs an id: .meta({ id: '…' })`);
    used.add(name);
    return name;
  };
  const types = routes.map((route) => {
    const { query, body, result } = schemas.get(route.name) ?? {};
    const params = pathParams(route.path).map((name) => `${name}: string`);
    if (query) used.add(queryType(route.name));
    return [
      `  ${route.name}: {`,
      `    params: ${params.length > 0 ? `{ ${params.join('; ')} }` : 'undefined'};`,
      `    query: ${query ? queryType(route.name) : 'undefined'};`,
      `    body: ${shape(body, `${route.name} body`)};`,
      `    result: ${shape(result, `${route.name} answer`)};`,
      '  };',
    ].join('\n');
  });
  const rows = routes.map((route) => `  ${route.name}: ${row(route, schemas.get(route.name))},`);
  return [
    BANNER,
    `import type {\n${[...used]
      .sort()
      .map((name) => `  ${name},`)
      .join('\n')}\n} from './types.ts';`,
    OPERATION,
    `export const operations = {\n${rows.join('\n')}\n} as const satisfies Record<string, Operation>;`,
    'export type OperationName = keyof typeof operations;',
    `/** What each operation takes and answers with. */\nexport interface OperationTypes {\n${types.join('\n')}\n}`,
    '',
  ]
    .join('\n\n')
    .replace(/\n\n$/, '\n');
}

const OPERATION = `export interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With \`{name}\` placeholders. */
  readonly path: string;
  readonly query: readonly string[];
  readonly body: boolean;
  /** What a repeated \`Idempotency-Key\` gets; null where none is taken. */
  readonly idempotent: string | null;
  /** Scope that the token needs; null where no token is. */
  readonly scope: string | null;
  /** Least role of the caller in its account; null where no membership is asked for. */
  readonly role: string | null;
  /** Status of success. */
  readonly status: number;
  readonly stream: boolean;
}`;

function row(route: RouteSpec, schemas: RouteSchemas | undefined): string {
  const fields = {
    method: route.method,
    path: route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}'),
    query: Object.keys(schemas?.query?.properties ?? {}),
    body: route.body !== undefined,
    idempotent: route.idempotent ?? null,
    scope: route.scope,
    role: route.role,
    status: route.success.status,
    stream: route.success.stream !== undefined,
  };
  const lines = Object.entries(fields).map(([key, value]) => `    ${key}: ${literal(value)},`);
  return `{\n${lines.join('\n')}\n  }`;
}

function literal(value: unknown): string {
  return Array.isArray(value)
    ? `[${value.map(literal).join(', ')}]`
    : JSON.stringify(value).replaceAll(/^"|"$/g, "'");
}

/** What the commands of the CLI name in their help; by itself, since a start of the CLI does not load the SDK. */
export function emitCliConstants(values: {
  readonly reconcileKinds: readonly string[];
  readonly findingStates: readonly string[];
}): string {
  return `// Written by \`npm run generate\` from the contract.

/** Every kind of drift that reconciliation finds. */
export const RECONCILE_KINDS = [
${values.reconcileKinds.map((kind) => `  '${kind}',`).join('\n')}
] as const;

/** What may have become of a finding. */
export const FINDING_STATES = [${values.findingStates.map((state) => `'${state}'`).join(', ')}] as const;
`;
}

/** Constants of the contract that the SDK needs at run time. */
export function emitConstants(values: {
  readonly errors: Readonly<Record<string, { status: number; title: string; retryable: boolean }>>;
  readonly eventTypes: readonly string[];
  readonly pingSeconds: number;
  readonly batchMax: number;
  readonly layoutMax: number;
  readonly tokenScopes: readonly string[];
}): string {
  const errors = Object.entries(values.errors).map(
    ([code, { status, title, retryable }]) =>
      `  ${code}: { status: ${status}, title: ${JSON.stringify(title)}, retryable: ${retryable} },`,
  );
  return `// Written by \`npm run generate\` from the contract.

/** Every \`code\` of a failed answer. */
export const ERROR_CODES = {
${errors.join('\n')}
} as const;

/** Every \`type\` of a stream event. */
export const EVENT_TYPES = [
${values.eventTypes.map((type) => `  '${type}',`).join('\n')}
] as const;

/** Seconds between two pings of a stream. */
export const PING_SECONDS = ${values.pingSeconds};

/** Largest number of items in one batch call. */
export const BATCH_MAX = ${values.batchMax};

/** Largest layout, as JSON without spaces, in characters. */
export const LAYOUT_MAX = ${values.layoutMax};

/** Scopes that a personal access token may have. */
export const TOKEN_SCOPES = [
${values.tokenScopes.map((scope) => `  '${scope}',`).join('\n')}
] as const;
`;
}
