import type { Image } from '@stager/sdk';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import { renderFacts } from '../io/facts.ts';
import type { Rendered, View } from '../io/io.ts';
import { paintState } from '../io/state.ts';
import { formatAge, formatBytes } from '../io/text.ts';
import { requireImageId } from '../parse.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';
import { requireProject } from './projects.ts';

interface ListOptions {
  readonly limit?: number;
  readonly state?: Image['state'];
  readonly project?: string;
}

export async function listImages(context: Context, options: ListOptions): Promise<Rendered> {
  const { limit = DEFAULT_LIMIT, state, project } = options;
  const client = await context.stager();
  const query = {
    limit: pageSize(limit),
    ...(state ? { state } : {}),
    ...(project === undefined ? {} : { projectId: (await requireProject(context, project)).id }),
  };
  const listed = await takeUpTo(client.images.list(query, { signal: context.signal }), limit);
  return renderList({
    ...listed,
    limit,
    none: 'No images.',
    columns: ({ style }) => [
      { title: 'ID' },
      { title: 'NAME', flexible: true },
      { title: 'STATE', paint: (text, row) => paintState(listed.found[row]?.state, text, style) },
      { title: 'ENGINE', flexible: true },
      { title: 'CREATED', paint: style.dim },
    ],
    row: ({ id, name, state, engine, createdAt }, now) => [
      id,
      clean(name ?? ''),
      state,
      clean(engine),
      formatAge(createdAt, now),
    ],
  });
}

export async function getImage(
  context: Context,
  word: string,
  { pictures }: { readonly pictures?: boolean },
): Promise<void> {
  const id = requireImageId(word);
  const image = await (await context.stager()).images.get(id, { signal: context.signal });
  await printImage(context, image, pictures);
}

/** What is known of it, and below that before and after where the terminal shows pictures. */
export async function printImage(
  context: Context,
  image: Image,
  pictures: boolean | undefined,
): Promise<void> {
  context.io.print({ json: () => image, text: (view) => describeImage(image, view) });
  const { showImages } = await import('../pictures/show.ts');
  await showImages(context, [image], pictures);
}

function describeImage(image: Image, view: View): string {
  const rows: [string, string][] = [
    ['Image', image.id],
    ['Name', clean(image.name ?? '')],
    ['State', paintState(image.state, image.state, view.style)],
    ...(image.error ? errorRows(image.error) : []),
    ['Project', image.projectId ?? ''],
    ['Engine', clean(image.engine)],
    ['Room', clean(image.roomType ?? '')],
    ['Style', clean(image.style ?? '')],
    ['Seed', `${image.seed}, variation ${image.variation}`],
    [
      'Options',
      Object.entries(image.params)
        .map(([key, value]) => clean(`${key}=${value}`))
        .join(' '),
    ],
    ['Attempts', String(image.attempts)],
    ['Created', image.createdAt],
    ['Changed', image.updatedAt],
    ...image.outputs.map((output): [string, string] => [
      'Output',
      `${clean(output.name)}  ${output.width}×${output.height}  ${clean(output.contentType)}  ${formatBytes(output.size)}`,
    ]),
  ];
  return renderFacts(rows, 10, view);
}

function errorRows(error: NonNullable<Image['error']>): [string, string][] {
  return [
    ['Error', `${clean(error.message)} (${clean(error.code)})`],
    ['Hint', error.hint ? clean(error.hint) : ''],
  ];
}
