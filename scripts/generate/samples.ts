import type { JsonSchema } from '../../server/src/contract/openapi.ts';

export type Components = Readonly<Record<string, JsonSchema>>;

/** 26 digits of a ULID, lower case. */
const ULID = '01k4x8m2v6q9r3t5w7y1z0abcd';

export function resolveRef(schema: JsonSchema, components: Components): JsonSchema {
  const name = schema.$ref?.split('/').at(-1);
  return name ? (components[name] ?? {}) : schema;
}

/** A value that the schema accepts: what is required, nothing else. */
export function sample(schema: JsonSchema, components: Components, field = ''): unknown {
  const shape = resolveRef(schema, components);
  const first = shape.enum?.[0] ?? shape.const;
  if (first !== undefined) return first;
  const member = (shape.oneOf ?? shape.anyOf)?.[0];
  if (member) return sample(member, components, field);
  if (shape.properties) {
    const required = shape.required ?? [];
    return Object.fromEntries(
      Object.entries(shape.properties)
        .filter(([name]) => required.includes(name))
        .map(([name, property]) => [name, sample(property, components, name)]),
    );
  }
  if (shape.items) return [sample(shape.items, components, field)];
  if (shape.type === 'string') return sampleText(shape, field);
  if (shape.type === 'integer' || shape.type === 'number') return field === 'size' ? 2_483_911 : 1;
  return shape.type === 'boolean' ? true : {};
}

function sampleText(schema: JsonSchema, field: string): string {
  const pattern = String(schema['pattern'] ?? '');
  const prefix = /^\^([a-z]+)_\[/.exec(pattern)?.[1];
  if (prefix) return `${prefix}_${ULID}`;
  if (pattern.includes('{64}')) return '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  if (field === 'contentType') return 'image/jpeg';
  return field === 'name' ? 'Listing 42' : 'text';
}

/** `string`, `ImageState`, `Image[]`, `string or null`: a type in the words of the reference. */
export function typeWords(schema: JsonSchema, link: (name: string) => string): string {
  const name = schema.$ref?.split('/').at(-1);
  if (name) return link(name);
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  const members = schema.anyOf ?? schema.oneOf;
  if (members) return [...new Set(members.map((member) => typeWords(member, link)))].join(' or ');
  if (schema.items) return `array of ${typeWords(schema.items, link)}`;
  const words = Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any');
  return schema.format ? `${words} (${schema.format})` : words;
}
