import { hash } from 'node:crypto';
import type { JsonSchema } from '../../server/src/contract/openapi.ts';

/** What an example needs that a schema does not tell. */
export interface ExampleNeeds {
  /** A row's id; `prefix` as in `prj`. */
  readonly id: (prefix: string) => string;
  /** Grows, so that what must be unique is. */
  readonly next: () => number;
  readonly components: Readonly<Record<string, JsonSchema>>;
  /** What fields of these names hold. */
  readonly texts: Readonly<Record<string, string>>;
}

const ID_PATTERN = /^\^([a-z]+)_\[/;

/** A value that a schema accepts: what is required, and nothing else. The same needs give the same value. */
export function exampleOf(schema: JsonSchema, needs: ExampleNeeds, field = ''): unknown {
  const shape = resolved(schema, needs.components);
  const fixed = shape.const ?? shape.enum?.[0] ?? shape.default;
  if (fixed !== undefined) return fixed;
  const member = (shape.anyOf ?? shape.oneOf)?.[0];
  if (member) return exampleOf(member, needs);
  switch (shape.type) {
    case 'object':
      return Object.fromEntries(
        (shape.required ?? []).map((name) => [name, exampleOf(shape.properties?.[name] ?? {}, needs, name)]),
      );
    case 'array':
      return Array.from({ length: Math.max(1, numberOf(shape, 'minItems')) }, () =>
        exampleOf(shape.items ?? {}, needs),
      );
    case 'integer':
    case 'number':
      return Math.max(1, numberOf(shape, 'minimum'));
    case 'boolean':
      return true;
    default:
      return needs.texts[field] ?? exampleText(shape, needs);
  }
}

function exampleText(shape: JsonSchema, needs: ExampleNeeds): string {
  const pattern = String(shape['pattern'] ?? '');
  const prefix = ID_PATTERN.exec(pattern)?.[1];
  if (prefix) return needs.id(prefix);
  // Of letters that patterns of names, too, let in.
  const unique = `example-${needs.next()}`;
  if (pattern.includes('[0-9a-f]{64}')) return hash('sha256', unique, 'hex');
  if (shape.format === 'email') return `${unique}@example.com`;
  if (shape.format === 'date-time') return new Date(0).toISOString();
  if (shape.format === 'uri') return 'https://example.com/';
  return unique.padEnd(numberOf(shape, 'minLength'), '.');
}

function numberOf(shape: JsonSchema, keyword: string): number {
  return Number(shape[keyword] ?? 0);
}

export function resolved(schema: JsonSchema, components: ExampleNeeds['components']): JsonSchema {
  const name = schema.$ref?.split('/').at(-1);
  return name ? (components[name] ?? {}) : schema;
}

/** The prefixes of all ids that a schema speaks of. */
export function idPrefixes(schema: JsonSchema | undefined, components: ExampleNeeds['components']): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, part] of Object.entries(value)) {
      if (key === '$ref' && !seen.has(String(part))) {
        seen.add(String(part));
        look(components[String(part).split('/').at(-1) ?? '']);
      } else if (key === 'pattern') {
        const prefix = ID_PATTERN.exec(String(part))?.[1];
        if (prefix) found.add(prefix);
      } else look(part);
    }
  };
  look(schema);
  return [...found];
}
