import { Admin, type Deletion } from '@stager/sdk';
import type { Context } from '../context.ts';
import { EXIT } from '../exit.ts';
import { clean } from '../io/clean.ts';
import { confirmByName } from '../io/confirm.ts';
import type { Rendered, View } from '../io/io.ts';
import { count, formatBytes, formatUntil, wrap } from '../io/text.ts';
import { ACCOUNTS, requireId } from '../parse.ts';
import type { Changed } from './changeEach.ts';

/** Takes everything from others, for good: the name has to be typed. */
export async function deleteAccount(
  context: Context,
  word: string,
  { graceDays, yes }: { readonly graceDays: number; readonly yes: boolean },
): Promise<Rendered> {
  const id = requireId(ACCOUNTS, word);
  const { signal } = context;
  const admin = new Admin(await context.stager());
  const { name } = await admin.account(id, { signal });
  const when = graceDays === 0 ? 'from now on' : `in ${count(graceDays, 'day')}`;
  await confirmByName(
    context,
    `This suspends ${clean(name)} now and deletes all its photos, results and records ${when}, for good.`,
    clean(name),
    yes,
  );
  const deletion = await admin.delete(id, { name, graceDays }, { signal });
  return {
    json: () => deletion,
    text: ({ style }) =>
      [
        `${clean(name)} is suspended, and ${style.red('deleted')} ${formatUntil(deletion.dueAt, Date.now())}.`,
        style.dim(`Until then: stager admin accounts keep ${id}`),
        style.dim(`Proof:      stager admin accounts proof ${id}`),
      ].join('\n'),
  };
}

export async function keepAccount(context: Context, word: string): Promise<Rendered> {
  const id = requireId(ACCOUNTS, word);
  const admin = new Admin(await context.stager());
  const deletion = await admin.keep(id, { signal: context.signal });
  return {
    json: () => deletion,
    text: ({ style }) =>
      `${id} is ${style.green('kept')}, and suspended: stager admin accounts resume ${id} lets it in again.`,
  };
}

/** Pending until nothing is left. */
export async function showProof(context: Context, word: string): Promise<Changed> {
  const id = requireId(ACCOUNTS, word);
  const deletion = await new Admin(await context.stager()).deletion(id, { signal: context.signal });
  const exit = deletion.state === 'done' ? EXIT.ok : EXIT.pending;
  return { exit, result: { json: () => deletion, text: (view) => renderProof(deletion, view) } };
}

function renderProof(deletion: Deletion, { style, columns }: View): string {
  const { id, accountId, state, requestedBy, requestedAt, startedAt, finishedAt, rows, objects } = deletion;
  const tables = Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1));
  const total = tables.reduce((sum, [, n]) => sum + n, 0);
  const lines: [string, string][] = [
    ['Account', style.bold(accountId)],
    ['Deletion', id],
    ['State', state === 'done' ? style.green('done: nothing is left') : describeState(deletion)],
    ['Asked by', `${clean(requestedBy)}  ${requestedAt}`],
    ['Begun', startedAt ?? ''],
    ['Done', finishedAt ?? ''],
    ['Objects', `${count(objects.count, 'object')}, ${formatBytes(objects.bytes)}`],
    ['Keys', objects.keysSha256 ?? ''],
    ['Rows', count(total, 'row')],
  ];
  const shown = lines
    .filter(([, value]) => value !== '')
    .map(([title, value]) => `${style.dim(title.padEnd(10))}${value}`);
  const parts = wrap(
    tables.map(([table, n]) => `${n} ${table}`.replace(' ', '\u00a0')).join(', '),
    columns,
    ' '.repeat(10),
  );
  return [...shown, ...parts.map((line) => style.dim(line.replaceAll('\u00a0', ' ')))].join('\n');
}

function describeState({ state, dueAt, lastLookAt }: Deletion): string {
  const now = Date.now();
  if (state === 'scheduled') return `scheduled, due ${formatUntil(dueAt, now)}`;
  if (state === 'erasing') return 'being removed';
  if (state === 'settling' && lastLookAt) return `gone; last look ${formatUntil(lastLookAt, now)}`;
  return state;
}
