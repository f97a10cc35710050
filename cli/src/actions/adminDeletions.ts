import { Admin, type Deletion } from '@stager/sdk';
import type { Context } from '../context.ts';
import { EXIT } from '../exit.ts';
import { clean } from '../io/clean.ts';
import { confirmByName } from '../io/confirm.ts';
import { renderFacts } from '../io/facts.ts';
import type { Rendered, View } from '../io/io.ts';
import { count, formatAge, formatBytes, formatUntil, wrap } from '../io/text.ts';
import { ACCOUNTS, requireId } from '../parse.ts';
import type { Changed } from './changeEach.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';

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

export async function listDeletions(context: Context, limit = DEFAULT_LIMIT): Promise<Rendered> {
  const admin = new Admin(await context.stager());
  const deletions = admin.deletions({ limit: pageSize(limit) }, { signal: context.signal });
  return renderList({
    ...(await takeUpTo(deletions, limit)),
    limit,
    none: 'No deletion was ever ordered.',
    columns: ({ style }) => [
      { title: 'ACCOUNT' },
      { title: 'STATE' },
      { title: 'WHEN', paint: style.dim },
      { title: 'OBJECTS' },
      { title: 'BY', flexible: true },
    ],
    row: (deletion, now) => [
      deletion.accountId,
      deletion.state,
      whenOf(deletion, now),
      String(deletion.objects.count),
      clean(deletion.requestedBy),
    ],
  });
}

/** When it is due, when it ends, or how long ago it was done or asked for. */
function whenOf({ state, dueAt, lastLookAt, finishedAt, requestedAt }: Deletion, now: number): string {
  const next = state === 'scheduled' ? dueAt : state === 'settling' ? lastLookAt : null;
  if (next !== null && Date.parse(next) > now) return formatUntil(next, now).replace(/ \(.*$/, '');
  return formatAge(finishedAt ?? requestedAt, now);
}

/** Pending until nothing is left. */
export async function showProof(context: Context, word: string): Promise<Changed> {
  const id = requireId(ACCOUNTS, word);
  const deletion = await new Admin(await context.stager()).deletion(id, { signal: context.signal });
  const exit = deletion.state === 'done' ? EXIT.ok : EXIT.pending;
  return { exit, result: { json: () => deletion, text: (view) => renderProof(deletion, view) } };
}

function renderProof(deletion: Deletion, view: View): string {
  const { style, columns } = view;
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
  const parts = wrap(
    tables.map(([table, n]) => `${n} ${table}`.replace(' ', '\u00a0')).join(', '),
    columns,
    ' '.repeat(10),
  );
  return [
    renderFacts(lines, 10, view),
    ...parts.map((line) => style.dim(line.replaceAll('\u00a0', ' '))),
  ].join('\n');
}

function describeState({ state, dueAt, lastLookAt }: Deletion): string {
  const now = Date.now();
  if (state === 'scheduled') return `scheduled, due ${formatUntil(dueAt, now)}`;
  if (state === 'erasing') return 'being removed';
  if (state === 'settling' && lastLookAt) return `gone; last look ${formatUntil(lastLookAt, now)}`;
  return state;
}
