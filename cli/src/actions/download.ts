import { join } from 'node:path';
import type { Image, Stager } from '@stager/sdk';
import type { Context } from '../context.ts';
import { fileName, fileStems } from '../download/names.ts';
import { CliError, type ErrorReport, toFailure } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { describeFailure } from '../io/renderError.ts';
import { formatBytes } from '../io/text.ts';
import { requireIds } from '../parse.ts';

interface DownloadOptions {
  readonly out?: string | undefined;
  readonly output?: string | undefined;
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
  { out = '.', output }: DownloadOptions,
): Promise<{ result: Rendered; exit: ExitCode }> {
  const ids = requireIds('img', words);
  const client = await context.stager();
  const results: ItemResult[] = [];
  const images: Image[] = [];
  const fail = async (id: string, error: unknown) => {
    const failure = await toFailure(error);
    if (context.signal.aborted || failure.exit === EXIT.auth) throw error;
    results.push({ id, ok: false, error: failure.report });
  };
  for (const id of ids) {
    await client.images.get(id, { signal: context.signal }).then(
      (image) => images.push(image),
      (error: unknown) => fail(id, error),
    );
  }
  const stems = fileStems(images);
  for (const image of images) {
    try {
      const files = await saveImage(context, client, image, {
        folder: out,
        stem: stems.get(image.id) ?? image.id,
        output,
      });
      results.push({ id: image.id, ok: true, files });
    } catch (error) {
      await fail(image.id, error);
    }
  }
  const failed = results.some(({ ok }) => !ok);
  return { result: render(results), exit: failed ? EXIT.failed : EXIT.ok };
}

interface Target {
  readonly folder: string;
  readonly stem: string;
  readonly output: string | undefined;
}

async function saveImage(context: Context, client: Stager, image: Image, target: Target): Promise<Saved[]> {
  const { signal } = context;
  const links = (await client.images.downloads(image.id, { signal })).items;
  const wanted = links.filter(({ name }) =>
    target.output === undefined ? name !== 'original' : name === target.output,
  );
  if (wanted.length === 0)
    throw nothingToSave(
      image,
      target.output,
      links.map(({ name }) => name),
    );
  const saved: Saved[] = [];
  for (const { name, contentType } of wanted) {
    const path = join(target.folder, fileName(target.stem, name, contentType, image.variation));
    const { size, skipped } = await client.images.downloadTo(image.id, path, { output: name, signal });
    saved.push({ output: name, path, size, skipped });
  }
  return saved;
}

function nothingToSave(image: Image, output: string | undefined, names: readonly string[]): CliError {
  const waiting = image.state === 'queued' || image.state === 'processing';
  if (output !== undefined && !waiting) {
    return new CliError(`It has no output ${output}.`, {
      code: 'not_found',
      hint: `It has: ${names.join(', ')}`,
    });
  }
  return new CliError(`It is ${image.state}${waiting ? ' yet' : ''}: there is nothing to download.`, {
    code: 'not_ready',
    retryable: waiting,
    next: waiting
      ? [{ command: `stager tail --image ${image.id} --exit-status`, when: 'to wait for it' }]
      : [{ command: `stager images retry ${image.id}`, when: 'to try it again' }],
  });
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
