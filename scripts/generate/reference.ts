import type {
  JsonSchema,
  OpenApiDocument,
  Operation,
  RouteSchemas,
} from '../../server/src/contract/openapi.ts';
import { pathParams, type RouteSpec } from '../../server/src/contract/route.ts';
import { type Components, resolveRef, sample, typeWords } from './samples.ts';
import { SDK_CALLS } from './sdkCalls.ts';

const link = (name: string) => `[${name}](#${name.toLowerCase()})`;

/** docs/reference/api.md: every operation, then every shape. */
export function emitReference(
  document: OpenApiDocument,
  routes: readonly RouteSpec[],
  schemas: ReadonlyMap<string, RouteSchemas>,
): string {
  const { schemas: components } = document.components;
  const operations = new Map(
    Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((op) => [op.operationId, op] as const),
    ),
  );
  const tags = [...new Set(routes.map((route) => route.tag))].sort();
  const sections = tags.map((tag) => {
    const pages = routes
      .filter((route) => route.tag === tag)
      .map((route) => page(route, operations.get(route.name), schemas.get(route.name) ?? {}, components));
    return `## ${tag}\n\n${pages.join('\n\n')}`;
  });
  const shapes = Object.entries(components).map(
    ([name, schema]) => `### ${name}\n\n${shape(schema, components)}`,
  );
  return `${HEAD}\n\n${sections.join('\n\n')}\n\n## Shapes\n\n${shapes.join('\n\n')}\n`;
}

const HEAD = `# API reference

<!-- Written by \`npm run generate\` from the contract. -->

The same in machine-readable form: [openapi.json](../openapi.json), OpenAPI 3.1. Requests and answers are JSON. Send the
access token as \`Authorization: Bearer …\`. A failed answer is a [Problem](#problem) (RFC 9457) with a stable
[code](errors.md); every answer has an \`X-Request-Id\`. Ids are a prefix and a ULID. \`RateLimit\` says what is left of the
budget of a minute, \`Retry-After\` when to come again.`;

function page(
  route: RouteSpec,
  operation: Operation | undefined,
  schemas: RouteSchemas,
  components: Components,
): string {
  const { body, result } = schemas;
  const parameters = operation?.parameters ?? [];
  const codes = operation?.['x-stager-errors'] ?? [];
  const answer = result
    ? `${typeWords(result, link)}${route.success.stream ? `, one an event of \`${route.success.stream}\`` : ''}`
    : 'no body';
  return [
    `### ${route.name}`,
    `\`${route.method} ${route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}')}\``,
    `${route.summary}.${route.description ? ` ${route.description}` : ''}`,
    facts(route),
    parameters.length > 0 ? parameterTable(parameters) : '',
    body ? `**Body**: ${typeWords(body, link)}` : '',
    `**Answer** \`${route.success.status}\`: ${answer}. ${route.success.description}.`,
    `**Errors**: ${codes.map((code) => `[\`${code}\`](errors.md#${code})`).join(', ')}`,
    `\`\`\`sh\n${curl(route, schemas, components)}\n\`\`\``,
    `\`\`\`ts\n${SDK_CALLS[route.name] ?? genericCall(route, schemas, components)};\n\`\`\``,
  ]
    .filter(Boolean)
    .join('\n\n');
}

function facts(route: RouteSpec): string {
  const scope = route.scope === null ? 'no token needed' : `scope \`${route.scope}\``;
  const rate = route.rate === 'none' ? 'not limited' : `budget \`${route.rate}\``;
  const role = route.role === null || route.role === 'member' ? [] : [`role \`${route.role}\``];
  return [
    scope,
    ...role,
    rate,
    ...(route.idempotent ? [`Idempotency-Key: \`${route.idempotent}\``] : []),
  ].join(' · ');
}

function parameterTable(parameters: Operation['parameters']): string {
  const rows = parameters.map(({ name, in: place, required, description, schema }) => {
    const words = [description, schema.default === undefined ? '' : `Default \`${String(schema.default)}\``];
    return `| \`${name}\` | ${place}${required ? ', required' : ''} | ${typeWords(schema, (id) => `\`${id}\``)} | ${words.filter(Boolean).join('. ')} |`;
  });
  return ['| parameter | where | type | |', '|---|---|---|---|', ...rows].join('\n');
}

function curl(route: RouteSpec, { params, body }: RouteSchemas, components: Components): string {
  const sampled = params ? sample(params, components) : {};
  const values: Record<string, unknown> =
    typeof sampled === 'object' && sampled !== null ? { ...sampled } : {};
  const path = pathParams(route.path).reduce(
    (text, name) => text.replace(`:${name}`, String(values[name])),
    route.path,
  );
  const lines = [`curl${route.success.stream ? ' -N' : ''} "$STAGER_API_URL${path}"`];
  if (route.method !== 'GET' && !(route.method === 'POST' && body)) lines[0] += ` -X ${route.method}`;
  if (route.scope !== null) lines.push('  -H "Authorization: Bearer $STAGER_TOKEN"');
  if (route.idempotent) lines.push('  -H "Idempotency-Key: $(uuidgen)"');
  if (body) {
    lines.push("  -H 'Content-Type: application/json'");
    lines.push(`  -d '${JSON.stringify(sample(body, components))}'`);
  }
  return lines.join(' \\\n');
}

function genericCall(route: RouteSpec, { params, body }: RouteSchemas, components: Components): string {
  const input = {
    ...(params ? { params: sample(params, components) } : {}),
    ...(body ? { body: sample(body, components) } : {}),
  };
  const argument = Object.keys(input).length > 0 ? `, ${JSON.stringify(input)}` : '';
  return `await stager.request('${route.name}'${argument})`;
}

function shape(schema: JsonSchema, components: Components): string {
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) {
    const inline = variants.filter((variant) => !variant.$ref);
    const named = variants.filter((variant) => variant.$ref).map((variant) => typeWords(variant, link));
    return [
      named.length > 0 ? `One of ${named.join(', ')}.` : '',
      ...inline.map((variant) => `With ${tagOf(variant)}:\n\n${fieldTable(resolveRef(variant, components))}`),
    ]
      .filter(Boolean)
      .join('\n\n');
  }
  if (schema.properties) return fieldTable(schema);
  const pattern = schema['pattern'] === undefined ? '' : `, \`${String(schema['pattern'])}\``;
  return `${typeWords(schema, link)}${pattern}`;
}

function tagOf(schema: JsonSchema): string {
  const tag = Object.entries(schema.properties ?? {}).find(([, property]) => property.const !== undefined);
  return tag ? `\`${tag[0]}: '${String(tag[1].const)}'\`` : 'these fields';
}

function fieldTable(schema: JsonSchema): string {
  return ['| field | type | |', '|---|---|---|', ...fieldRows(schema, '')].join('\n');
}

/** One row a field; those of a nested object stand below it, as `outer.inner`. */
function fieldRows(schema: JsonSchema, prefix: string): string[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const words = [
      property.description,
      property.default === undefined ? '' : `Default \`${JSON.stringify(property.default)}\``,
    ];
    const type = typeWords(property, link).replaceAll('|', '\\|');
    const row = `| \`${prefix}${name}\`${required.has(name) ? '' : '?'} | ${type} | ${words.filter(Boolean).join('. ')} |`;
    const inner = property.items ?? property;
    return [row, ...fieldRows(inner, `${prefix}${name}${property.items ? '[]' : ''}.`)];
  });
}
