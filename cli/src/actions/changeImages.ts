import type { Stager } from '@stager/sdk';
import type { Context } from '../context.ts';
import { type ErrorReport, toFailure, usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { confirm } from '../io/confirm.ts';
import type { Rendered } from '../io/io.ts';
import { describeFailure } from '../io/renderError.ts';
import { count } from '../io/text.ts';
import { requireImageIds } from '../parse.ts';
import { requireProject } from './projects.ts';

export interface Changed {
  readonly result: Rendered;
  readonly exit: ExitCode;
}

type ItemResult =
  | { readonly id: string; readonly ok: true; readonly state: string | null }
  | { readonly id: string; readonly ok: false; readonly error: ErrorReport };

type Change = (
  client: Stager,
  id: string,
  signal: AbortSignal,
) => Promise<{ readonly state: string } | undefined>;

export interface RetryOptions {
  readonly allFailed?: boolean;
  readonly project?: string;
}

export async function retryImages(
  context: Context,
  words: readonly string[],
  { allFailed = false, project }: RetryOptions,
): Promise<Changed> {
  if (allFailed === words.length > 0) {
    throw usageError(allFailed ? 'Give ids or --all-failed, not both.' : 'Give ids, or --all-failed.');
  }
  if (project !== undefined && !allFailed) throw usageError('--project is possible with --all-failed only.');
  const ids = allFailed ? await failedImages(context, project) : words;
  return changeEach(context, ids, 'queued again', (client, id, signal) =>
    client.images.retry(id, { signal }),
  );
}

/** All of them before the first is changed: the list would move under its reader. */
async function failedImages(context: Context, project: string | undefined): Promise<string[]> {
  const client = await context.stager();
  const projectId = project === undefined ? undefined : (await requireProject(context, project)).id;
  const query = { state: 'error', limit: 100, ...(projectId ? { projectId } : {}) } as const;
  const ids: string[] = [];
  for await (const { id } of client.images.list(query, { signal: context.signal })) ids.push(id);
  if (ids.length === 0) context.io.say('No image has failed.');
  return ids;
}

export const cancelImages = (context: Context, words: readonly string[]): Promise<Changed> =>
  changeEach(context, words, 'cancelled', (client, id, signal) => client.images.cancel(id, { signal }));

export async function deleteImages(
  context: Context,
  words: readonly string[],
  yes: boolean,
): Promise<Changed> {
  const ids = requireImageIds(words);
  await confirm(
    context,
    `Delete ${ids.length === 1 ? ids[0] : count(ids.length, 'image')} with all results?`,
    yes,
  );
  return changeEach(context, ids, 'deleted', async (client, id, signal) => {
    await client.images.delete(id, { signal });
    return undefined;
  });
}

/** One after the other; a failure of one does not keep the others from being done. */
async function changeEach(
  context: Context,
  words: readonly string[],
  done: string,
  change: Change,
): Promise<Changed> {
  const ids = requireImageIds(words);
  const client = await context.stager();
  const results: ItemResult[] = [];
  let exit: ExitCode = EXIT.ok;
  for (const id of ids) {
    try {
      const image = await change(client, id, context.signal);
      results.push({ id, ok: true, state: image?.state ?? null });
    } catch (error) {
      const failure = await toFailure(error);
      // No other id would fare better.
      if (context.signal.aborted || failure.exit === EXIT.auth) throw error;
      results.push({ id, ok: false, error: failure.report });
      exit = EXIT.failed;
    }
  }
  return { exit, result: render(results, done) };
}

function render(results: readonly ItemResult[], done: string): Rendered {
  return {
    json: () => ({ results }),
    text: (view) =>
      results
        .map((item) =>
          item.ok ? `${item.id}  ${view.style.green(done)}` : describeFailure(item.id, item.error, view),
        )
        .join('\n'),
  };
}
