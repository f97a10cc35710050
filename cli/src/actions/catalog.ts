import type { Catalog } from '@stager/sdk';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import type { Rendered, View } from '../io/io.ts';
import { formatBytes, wrap } from '../io/text.ts';

export async function showCatalog(context: Context): Promise<Rendered> {
  const catalog = await (await context.anonymous()).catalog({ signal: context.signal });
  return { json: () => catalog, text: (view) => render(catalog, view) };
}

function render(catalog: Catalog, view: View): string {
  const { style } = view;
  const { upload } = catalog;
  const engines = catalog.engines.map((engine) => renderEngine(catalog, engine, view));
  const types = upload.contentTypes.map((type) => type.replace('image/', '')).join(', ');
  const limits = `${clean(types)}; up to ${formatBytes(upload.maxBytes)} and ${Math.round(upload.maxPixels / 1e6)} megapixels a photo`;
  return [...engines, `${style.bold('Photos')}  ${limits}`].join('\n\n');
}

type Engine = Catalog['engines'][number];

function renderEngine(catalog: Catalog, engine: Engine, { style, columns }: View): string {
  const isDefault = engine.name === catalog.defaultEngine;
  const lines = [
    `${style.bold(clean(engine.name))}  ${clean(engine.title)} ${style.dim(`${clean(engine.version)}${isDefault ? ', default' : ''}`)}`,
    ...wrap(clean(engine.description), columns, '  '),
  ];
  const named = (label: string, words: readonly string[]) => {
    if (words.length === 0) return;
    const [first = '', ...rest] = wrap(words.map(clean).join(', '), columns, ' '.repeat(13));
    lines.push(`  ${style.dim(label.padEnd(11))}${first.trimStart()}`, ...rest);
  };
  named('rooms', engine.rooms);
  named('styles', engine.styles);
  named('variations', engine.maxVariations > 1 ? [`up to ${engine.maxVariations}`] : []);
  named(
    'outputs',
    engine.outputs.map((output) => `${output.name} (${output.description})`),
  );
  named(
    'options',
    Object.entries(optionsOf(engine)).map(([name, option]) => `${name} (${describeOption(option)})`),
  );
  return lines.join('\n');
}

interface EngineOption {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
}

function optionsOf(engine: Engine): Readonly<Record<string, EngineOption>> {
  // JSON Schema of scalars, as the API describes its engines.
  return (engine.params['properties'] ?? {}) as Record<string, EngineOption>;
}

function describeOption({
  description,
  default: fallback,
  enum: words,
  minimum,
  maximum,
}: EngineOption): string {
  const values = words?.join(' or ') ?? (minimum !== undefined ? `${minimum} to ${maximum}` : undefined);
  const parts = [description, values, fallback === undefined ? undefined : `default ${fallback}`];
  return parts.filter((part) => part !== undefined).join('; ');
}
