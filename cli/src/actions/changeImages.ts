import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { confirm } from '../io/confirm.ts';
import { count } from '../io/text.ts';
import { requireImageIds } from '../parse.ts';
import { type Changed, changeEach } from './changeEach.ts';
import { requireProject } from './projects.ts';

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
  const ids = allFailed ? await failedImages(context, project) : requireImageIds(words);
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

export const cancelImages = async (context: Context, words: readonly string[]): Promise<Changed> =>
  changeEach(context, requireImageIds(words), 'cancelled', (client, id, signal) =>
    client.images.cancel(id, { signal }),
  );

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
