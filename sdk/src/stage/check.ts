import { OptionsError } from '../core/errors.ts';
import type { Catalog } from '../generated/types.ts';
import { sniff } from './sniff.ts';
import type { StageError, StageOptions } from './types.ts';

export type UploadLimits = Pick<Catalog['upload'], 'contentTypes' | 'maxBytes'>;

export type LocalCheck =
  | { readonly ok: true; readonly contentType: string }
  | { readonly ok: false; readonly error: StageError };

/**
 * Whether the API would take a file, as far as its size and first bytes tell; before anything is sent.
 * @param head at least the first 512 bytes, or all of them
 * @param size bytes of the whole file
 * @param limits `upload` of the catalog
 */
export function checkLocalFile(head: Uint8Array, size: number, limits: UploadLimits): LocalCheck {
  if (size === 0) return refuse('file_empty', 'The file is empty. Export the photo again.');
  const kind = sniff(head);
  if (kind?.contentType === undefined || !limits.contentTypes.includes(kind.contentType)) {
    const accepted = limits.contentTypes.map((type) => type.replace('image/', '').toUpperCase()).join(', ');
    return refuse(
      'unsupported_format',
      `The file is ${kind?.name ?? 'no picture that is known'}. Accepted are: ${accepted}. Export the photo as JPEG.`,
    );
  }
  if (size > limits.maxBytes) {
    return refuse(
      'file_too_large',
      `The file has ${size} bytes; at most ${limits.maxBytes} are accepted. Export it smaller.`,
    );
  }
  return { ok: true, contentType: kind.contentType };
}

function refuse(code: string, message: string): LocalCheck {
  return { ok: false, error: { code, message, retryable: false } };
}

/** @throws OptionsError when the engine does not exist or cannot do what is asked, naming what there is */
export function checkChoices(options: StageOptions, catalog: Catalog): void {
  const name = options.engine ?? catalog.defaultEngine;
  const engine = catalog.engines.find((known) => known.name === name);
  if (!engine) {
    throw invalid(
      `There is no engine ${JSON.stringify(name)}. Installed: ${catalog.engines.map((e) => e.name).join(', ')}.`,
    );
  }
  checkChoice(name, 'style', options.style, (one) => one.styles, catalog);
  checkChoice(name, 'room type', options.roomType, (one) => one.rooms, catalog);
  checkParams(engine, options.params ?? {});
  if (options.layout) checkLayout(engine, catalog);
  const { variations = 1 } = options;
  if (!Number.isInteger(variations) || variations < 1 || variations > engine.maxVariations) {
    const most = engine.maxVariations === 1 ? 'one variation' : `1 to ${engine.maxVariations} variations`;
    throw invalid(`The engine ${name} makes ${most} of a photo, not ${variations}.`);
  }
}

function checkLayout({ name, pieces }: Catalog['engines'][number], { engines }: Catalog): void {
  if (pieces.length > 0) return;
  const able = engines.filter((engine) => engine.pieces.length > 0).map((engine) => engine.name);
  const advice =
    able.length === 0 ? 'No installed engine takes one.' : `Choose an engine that does: ${able.join(', ')}.`;
  throw invalid(`The engine ${name} takes no layout. ${advice}`);
}

interface ParamSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** As far as the catalog tells; the API looks again. */
function checkParams(engine: Catalog['engines'][number], params: NonNullable<StageOptions['params']>): void {
  // JSON Schema of an object of scalars, as the API describes its engines.
  const known = (engine.params['properties'] ?? {}) as Record<string, ParamSchema>;
  for (const [name, value] of Object.entries(params)) {
    const schema = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!schema) {
      const names = Object.keys(known).join(', ');
      throw invalid(
        `The engine ${engine.name} has no option ${JSON.stringify(name)}. ${names ? `It has: ${names}.` : 'It has none.'}`,
      );
    }
    const wanted = refusedBy(schema, value);
    if (wanted)
      throw invalid(
        `The option ${name} of the engine ${engine.name} takes ${wanted}, not ${JSON.stringify(value)}.`,
      );
  }
}

/** What it takes instead; undefined when the value will do. */
function refusedBy(schema: ParamSchema, value: unknown): string | undefined {
  const { type, enum: words, minimum, maximum, pattern, description } = schema;
  if (words) return words.includes(value) ? undefined : words.join(' or ');
  if (type === 'integer' || type === 'number') {
    const fits =
      typeof value === 'number' &&
      (type === 'number' || Number.isInteger(value)) &&
      value >= (minimum ?? -Infinity) &&
      value <= (maximum ?? Infinity);
    const limits = minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`;
    return fits ? undefined : `a ${type === 'integer' ? 'whole ' : ''}number${limits}`;
  }
  if (type === 'string' && pattern !== undefined) {
    const fits = typeof value === 'string' && new RegExp(pattern, 'u').test(value);
    return fits ? undefined : `a text of another form (${description ?? pattern})`;
  }
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : 'true or false';
  return undefined;
}

function checkChoice(
  name: string,
  what: 'style' | 'room type',
  value: string | undefined,
  offer: (engine: Catalog['engines'][number]) => readonly string[],
  { engines }: Catalog,
): void {
  const offered = engines.filter((engine) => engine.name === name).flatMap(offer);
  if (value === undefined || offered.includes(value)) return;
  if (offered.length > 0) {
    throw invalid(
      `The engine ${name} has no ${what} ${JSON.stringify(value)}. It has: ${offered.join(', ')}.`,
    );
  }
  const others = engines.filter((engine) => offer(engine).includes(value)).map((engine) => engine.name);
  const advice =
    others.length > 0
      ? `These engines have it: ${others.join(', ')}.`
      : `No installed engine has it. Leave it out.`;
  throw invalid(`The engine ${name} takes no ${what}. ${advice}`);
}

function invalid(message: string): OptionsError {
  return new OptionsError(message, { code: 'invalid_options' });
}
