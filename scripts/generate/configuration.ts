import { z } from 'zod';

export interface ConfigSection {
  readonly title: string;
  readonly intro: string;
  readonly schema: z.ZodObject;
}

interface Variable {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly secret?: boolean;
}

const SECRET = /SECRET|TOKEN|PASSWORD|DATABASE_URL|_KEYS?$/;

/** docs/configuration.md. The first section is what all processes read; the others do not repeat it. */
export function emitConfiguration(sections: readonly ConfigSection[]): string {
  const shared = new Set(Object.keys(sections[0]?.schema.shape ?? {}));
  const parts = sections.map(({ title, intro, schema }, n) => {
    const rows = variablesOf(schema).filter(({ name }) => n === 0 || !shared.has(name));
    return `## ${title}\n\n${intro}\n\n${table(rows)}`;
  });
  return `# Configuration

<!-- Written by \`npm run generate\` from the configuration schemas. -->

Everything is read from the environment, checked at the start, and every violation is listed at once. For any variable
\`NAME\`, \`NAME_FILE\` may name a file that holds its value: use that for what is marked 🔒, which is secret and never
logged. Lists of secrets in such files are read again when the process gets SIGHUP: put the new one in front, later take the
old one out, and nothing has to be started anew. Anything else is of use at the next start.

${parts.join('\n\n')}
`;
}

type Row = Variable & { readonly name: string; readonly required: boolean };

function variablesOf(schema: z.ZodObject): Row[] {
  // Whatever a transform makes of it, the environment holds text: what cannot be said in JSON Schema is just a string.
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const properties = json.properties ?? {};
  return Object.entries(properties).flatMap(([name, value]) => {
    if (typeof value !== 'object') return [];
    // Our schemas of variables are scalars; these are the keywords that zod writes for them.
    const variable = value as Variable;
    return [{ ...variable, name, required: (json.required ?? []).includes(name) }];
  });
}

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const secret = row.secret ?? SECRET.test(row.name);
    const fallback =
      row.default !== undefined ? `\`${String(row.default)}\`` : row.required ? 'required' : '';
    return `| \`${row.name}\`${secret ? ' 🔒' : ''} | ${fallback} | ${[row.description, values(row)].filter(Boolean).join('. ')} |`;
  });
  return ['| variable | default | meaning |', '|---|---|---|', ...lines].join('\n');
}

function values({ enum: options, type, minimum, maximum }: Row): string {
  if (options) return options.map((option) => `\`${String(option)}\``).join(', ');
  if (type !== 'integer' && type !== 'number') return '';
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER;
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (least && most) return `${minimum} to ${maximum}`;
  return least ? `At least ${minimum}` : most ? `At most ${maximum}` : '';
}
