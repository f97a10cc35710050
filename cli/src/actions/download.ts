import { join } from 'node:path';
import type { Image, Stager } from '@stager/sdk';
import type { Context } from '../context.ts';
import { requireFolder } from '../download/folder.ts';
import { fileName, withStems } from '../download/names.ts';
import { CliError, type ErrorReport, toFailure, usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { describeFailure } from '../io/renderError.ts';
import { formatBytes } from '../io/text.ts';
import { requireImageIds } from '../parse.ts';

interface DownloadOptions {
  readonly out?: string | undefined;
  readonly output?: string | undefined;
  /** The original, too. */
  readonly all?: boolean | undefined;
}

interface Saved {
  readonly output: string;
  readonly path: string;
  readonly size: number;
  /** It was there already, with the same bytes. */
  readonly skipped: boolean;
}

type ItemResult =
  | { readonly id: string; readonly ok: true; readonly files: readonly Saved[] }
  | { readonly id: string; readonly ok: false; readonly error: ErrorReport };

/** Saves the results of images, whole or not at all; one that fails does not keep the others. */
export async function downloadImages(
  context: Context,
  words: readonly string[],
  { out = '.', output, all = false }: DownloadOptions,
): Promise<{ result: Rendered; exit: ExitCode }> {
  if (all && output !== undefined) throw usageError('Give --all or --output, not both.');
  const ids = requireImageIds(words);
  await requireFolder(out, 'Nothing was downloaded.');
  const client = await context.stager();
  const { signal } = context;
  const results: ItemResult[] = [];
  const images: Image[] = [];
  const attempt = async (id: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      const failure = await toFailure(error);
      // No other image would fare better.
      if (signal.aborted || failure.exit === EXIT.auth) throw error;
      results.push({ id, ok: false, error: failure.report });
    }
  };
  for (const id of ids) {
    await attempt(id, async () => {
      images.push(await client.images.get(id, { signal }));
    });
  }
  for (const { image, stem } of withStems(images)) {
    await attempt(image.id, async () => {
      const files = await saveImage(context, client, image, { folder: out, stem, output, all });
      results.push({ id: image.id, ok: true, files });
    });
  }
  const failed = results.some(({ ok }) => !ok);
  return { result: render(results), exit: failed ? EXIT.failed : EXIT.ok };
}

interface Target {
  readonly folder: string;
  readonly stem: string;
  readonly output: string | undefined;
  readonly all: boolean;
}

async function saveImage(context: Context, client: Stager, image: Image, target: Target): Promise<Saved[]> {
  const { signal } = context;
  const links = (await client.images.downloads(image.id, { signal })).items;
  const wanted = links.filter(({ name }) =>
    target.output === undefined ? target.all || name !== 'original' : name === target.output,
  );
  const onlyOriginal = target.output === undefined && wanted.every(({ name }) => name === 'original');
  if (wanted.length === 0 || onlyOriginal) {
    const names = links.map(({ name }) => name);
    throw nothingToSave(image, target.output ?? 'that was made of the photo', names);
  }
  const saved: Saved[] = [];
  for (const { name, contentType } of wanted) {
    const path = join(target.folder, fileName(target.stem, name, contentType, image.variation));
    const { size, skipped } = await client.images.downloadTo(image.id, path, { output: name, signal });
    saved.push({ output: name, path, size, skipped });
  }
  return saved;
}

/** Why there is nothing of what was asked for, by the state of the image, and the command that helps. */
function nothingToSave({ id, state }: Image, output: string, names: readonly string[]): CliError {
  const retry = { command: `stager images retry ${id}`, when: 'to try it again' };
  switch (state) {
    case 'queued':
    case 'processing':
      return new CliError(`The image is still ${state}: there is nothing to download yet.`, {
        code: 'not_ready',
        retryable: true,
        next: [{ command: `stager tail --image ${id} --exit-status`, when: 'to wait for it' }],
      });
    case 'error':
      return new CliError('The image has failed: there is nothing to download.', {
        code: 'not_ready',
        next: [retry],
      });
    case 'canceled':
      return new CliError('The image was cancelled: there is nothing to download.', {
        code: 'not_ready',
        next: [retry],
      });
    case 'ready':
      return new CliError(`The image has no output ${output}.`, {
        code: 'not_found',
        hint: `It has: ${names.join(', ')}`,
      });
  }
}

function render(results: readonly ItemResult[]): Rendered {
  return {
    json: () => ({ results }),
    text: (view) =>
      results
        .flatMap((item) =>
          item.ok
            ? item.files.map(
                ({ path, size, skipped }) =>
                  `${clean(path)}  ${view.style.dim(skipped ? 'was there' : formatBytes(size))}`,
              )
            : [describeFailure(item.id, item.error, view)],
        )
        .join('\n'),
  };
}
