import { compile } from 'json-schema-to-typescript';
import type { JsonSchema, RouteSchemas } from '../../server/src/contract/openapi.ts';

const BANNER = '// Written by `npm run generate` from docs/openapi.json.';

type Writable = { [keyword: string]: unknown };

/** TypeScript of every component, and of the query of each operation that has one. */
export async function emitTypes(
  components: Readonly<Record<string, JsonSchema>>,
  schemas: ReadonlyMap<string, RouteSchemas>,
): Promise<string> {
  const queries = [...schemas].flatMap(([name, { query }]) =>
    query ? [[queryType(name), query] as const] : [],
  );
  const definitions = Object.fromEntries(
    [...Object.entries(components), ...queries].map(([name, schema]) => [name, forTypescript(schema)]),
  );
  const root = { title: 'Root__', type: 'object', additionalProperties: false, $defs: definitions };
  // The library's own type of a schema is a draft older; what it reads of ours is the same in both.
  const source = await compile(root as Parameters<typeof compile>[0], 'Root__', {
    additionalProperties: false,
    bannerComment: BANNER,
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: true,
    style: { singleQuote: true, printWidth: 110, bracketSpacing: true, trailingComma: 'all' },
  });
  const text = source
    .replaceAll(/\/\*\*\n \* This interface was referenced by[\s\S]*?\*\/\n/g, '')
    .replaceAll(/\n \*\n \* This interface was referenced by[\s\S]*?\*\//g, '\n */')
    .replace(/export interface Root__ \{\}\n/, '')
    .replaceAll(/\/\*\*\n\s*\* (.*)\n\s*\*\//g, '/** $1 */')
    .replaceAll(/^(?=export (?:interface|type) )/gm, '\n')
    .replaceAll(/\n{3,}/g, '\n\n');
  if (/\bRoot__\b/.test(text)) throw new Error('the type generator left its root in the output');
  return `${text.trimEnd()}\n`;
}

export function queryType(operation: string): string {
  return `${operation.charAt(0).toUpperCase()}${operation.slice(1)}Query`;
}

/**
 * Local references, defaults in words, and `undefined` allowed wherever a property may be absent: JSON drops it, and
 * under `exactOptionalPropertyTypes` callers could not pass an optional value on without it.
 */
function forTypescript(schema: JsonSchema): Writable {
  const out: Writable = { ...schema };
  if (typeof schema.$ref === 'string') out['$ref'] = schema.$ref.replace('#/components/schemas/', '#/$defs/');
  if (schema.properties) {
    const required = new Set(schema.required ?? []);
    out['properties'] = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => {
        const converted = withDefault(forTypescript(property), property);
        return [name, required.has(name) ? converted : orUndefined(converted)];
      }),
    );
  }
  if (schema.items) out['items'] = forTypescript(schema.items);
  for (const key of ['anyOf', 'oneOf'] as const) {
    const list = schema[key];
    if (list) out[key] = list.map((member) => forTypescript(member));
  }
  if (typeof schema.additionalProperties === 'object') {
    out['additionalProperties'] =
      Object.keys(schema.additionalProperties).length === 0
        ? { tsType: 'unknown' }
        : forTypescript(schema.additionalProperties);
  }
  if (schema.const !== undefined) return { tsType: JSON.stringify(schema.const), ...described(schema) };
  delete out['pattern'];
  delete out['propertyNames'];
  delete out['default'];
  return out;
}

function described(schema: JsonSchema): Writable {
  return schema.description ? { description: schema.description } : {};
}

function withDefault(converted: Writable, schema: JsonSchema): Writable {
  if (schema.default === undefined) return converted;
  const words = `@default ${JSON.stringify(schema.default)}`;
  return { ...converted, description: schema.description ? `${schema.description}\n${words}` : words };
}

function orUndefined(schema: Writable): Writable {
  const { description, ...rest } = schema;
  return { ...(description ? { description } : {}), anyOf: [rest, { tsType: 'undefined' }] };
}
