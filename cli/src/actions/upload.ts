import type { Image, StageOptions } from '@stager/sdk';
import type { UploadOptions } from '../commands/upload.ts';
import type { Context } from '../context.ts';
import { requireFolder } from '../download/folder.ts';
import { CliError, Interrupted } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { clean } from '../io/clean.ts';
import { fileTrouble } from '../io/fileTrouble.ts';
import { count, shellQuote } from '../io/text.ts';
import { isId } from '../parse.ts';
import { explainChoice } from '../upload/choices.ts';
import { Display } from '../upload/display.ts';
import { failuresOf, renderUpload } from '../upload/summary.ts';
import { findProject, type Project } from './projects.ts';

type TargetProject = Pick<Project, 'id' | 'name'> & { readonly created: boolean };

/** Some 20 s of trying again: a restart of the server costs no photo. */
const PATIENT_RETRIES = 8;

/** Uploads, and as asked for waits and downloads. Whatever stops it, the same command goes on from there. */
export async function upload(
  context: Context,
  paths: readonly string[],
  options: UploadOptions,
): Promise<ExitCode> {
  const { io, signal } = context;
  const command = ['stager', ...context.argv.map(shellQuote)].join(' ');
  const client = await context.stager();
  const dryRun = options.dryRun ?? false;
  const wait = (options.wait ?? false) || options.out !== undefined;
  await requirePaths(paths);
  if (options.out !== undefined) await requireFolder(options.out, 'Nothing was sent.');
  const project =
    options.project === undefined ? undefined : await findOrCreate(context, options.project, dryRun);
  const layout = options.layout === undefined ? undefined : await findLayout(context, options.layout);
  const display = new Display(io, {
    send: !dryRun,
    wait: wait && !dryRun,
    download: options.out !== undefined,
    variations: options.variations ?? 1,
  });
  const stageOptions = {
    ...choices(options),
    layout,
    ...(project?.id ? { project: project.id } : {}),
    concurrency: options.concurrency ?? (await context.settings()).concurrency.value,
    wait,
    out: options.out,
    maxRetries: PATIENT_RETRIES,
    dryRun,
    signal,
  } satisfies StageOptions;
  display.start();
  try {
    for await (const event of client.stage([...paths], stageOptions)) display.take(event);
  } catch (error) {
    if (signal.aborted) throw new Interrupted({ command, when: 'to go on from here' });
    if (display.progress.uploaded > 0) io.say('What was sent is kept: the same command goes on from there.');
    throw await explainChoice(error, client, options);
  } finally {
    display.stop();
  }
  const { progress } = display;
  const { summary } = progress;
  if (!summary) throw new CliError('The upload ended without saying how.', { code: 'internal' });
  if (summary.found === summary.skipped) throw noPhotos(paths, summary.skipped);
  await showReady(context, display.ready, options);
  io.print(renderUpload({ progress, summary, project, wait, dryRun, out: options.out, command }));
  return failuresOf(progress).length > 0 ? EXIT.failed : EXIT.ok;
}

/** In the order of the photos; before the summary, which is what stays on the screen. */
async function showReady(
  context: Context,
  images: readonly Image[],
  { pictures, out }: UploadOptions,
): Promise<void> {
  if (images.length === 0 || !context.io.isTTY) return;
  const { showImages } = await import('../pictures/show.ts');
  const name = (image: Image) => image.name ?? '';
  const order = new Intl.Collator('en', { numeric: true });
  await showImages(
    context,
    images.toSorted((a, b) => order.compare(name(a), name(b)) || a.variation - b.variation),
    pictures,
    out,
  );
}

/** Of another image, or of a file. */
async function findLayout(context: Context, from: string): Promise<StageOptions['layout']> {
  if (!isId('img', from)) return (await import('./layouts.ts')).readLayout(from);
  return (await context.stager()).images.layout(from, { signal: context.signal });
}

function choices(options: UploadOptions): StageOptions {
  const { engine, room, style, seed, variations, priority } = options;
  return { engine, roomType: room, style, seed, variations, params: paramsOf(options), priority };
}

/** Options of engines that have a flag of their own, beside those that `--param` gives. */
function paramsOf({ param, ...flags }: UploadOptions): StageOptions['params'] {
  const { floor, horizon, quality, label } = flags;
  const given = Object.entries({ floor, horizon, quality, label }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return given.length === 0 ? param : { ...param, ...Object.fromEntries(given) };
}

/** All that are missing at once, before anything is made or sent. */
async function requirePaths(paths: readonly string[]): Promise<void> {
  const { stat } = await import('node:fs/promises');
  const problems = await Promise.all(
    paths.map(async (path) => {
      try {
        await stat(path);
        return [];
      } catch (error) {
        const trouble = fileTrouble(error);
        if (!trouble) throw error;
        const shown = clean(path);
        return [
          trouble.code === 'ENOENT'
            ? `There is no file or folder ${shown}.`
            : `${shown} cannot be read: ${trouble.why}.`,
        ];
      }
    }),
  );
  const missing = problems.flat();
  if (missing.length === 0) return;
  throw new CliError(missing.join(' '), {
    code: 'path_not_found',
    exit: EXIT.usage,
    hint: 'Check the spelling, and from which folder the command is run. Nothing was sent.',
  });
}

function noPhotos(paths: readonly string[], skipped: number): CliError {
  return new CliError(`There are no photos in ${paths.map(clean).join(', ')}.`, {
    code: 'no_photos',
    exit: EXIT.usage,
    hint: `${skipped > 0 ? `${count(skipped, 'other file was', 'other files were')} left out. ` : ''}Photos are JPEG, PNG, WebP, AVIF and HEIC.`,
  });
}

/** A name that is new makes a project; in a dry run it is only told. */
async function findOrCreate(
  context: Context,
  word: string,
  dryRun: boolean,
): Promise<TargetProject | undefined> {
  const found = await findProject(context, word);
  if ('id' in found) return { id: found.id, name: found.name, created: false };
  if (dryRun) {
    context.io.say(`The project ${clean(word)} would be created.`);
    return undefined;
  }
  const client = await context.stager();
  const { ConflictError } = await import('@stager/sdk');
  try {
    const { id, name } = await client.projects.create({ name: word }, { signal: context.signal });
    context.io.say(`Created the project ${clean(name)} (${id}).`);
    return { id, name, created: true };
  } catch (error) {
    // Another command was faster with the same name.
    const other = ConflictError.isInstance(error) ? await findProject(context, word) : undefined;
    if (other && 'id' in other) return { id: other.id, name: other.name, created: false };
    throw error;
  }
}
