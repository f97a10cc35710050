import { type Account, Admin } from '@stager/sdk';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import { confirmByName } from '../io/confirm.ts';
import { renderFacts } from '../io/facts.ts';
import type { Rendered, View } from '../io/io.ts';
import { formatAge } from '../io/text.ts';
import { ACCOUNTS, requireId } from '../parse.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';

interface ListOptions {
  readonly limit?: number | undefined;
  readonly state?: 'active' | 'suspended' | undefined;
}

export async function listAccounts(
  context: Context,
  { limit = DEFAULT_LIMIT, state }: ListOptions,
): Promise<Rendered> {
  const admin = new Admin(await context.stager());
  const accounts = admin.accounts({ limit: pageSize(limit), state }, { signal: context.signal });
  const listed = await takeUpTo(accounts, limit);
  return renderList({
    ...listed,
    limit,
    none: state ? `No ${state} accounts.` : 'No accounts.',
    columns: ({ style }) => [
      { title: 'ID' },
      { title: 'NAME', flexible: true },
      { title: 'PLAN' },
      {
        title: 'STATE',
        paint: (text, row) => (listed.found[row]?.suspendedAt ? style.red(text) : text),
      },
      { title: 'CREATED', paint: style.dim },
    ],
    row: ({ id, name, plan, suspendedAt, createdAt }, now) => [
      id,
      clean(name),
      clean(plan),
      suspendedAt ? 'suspended' : 'active',
      formatAge(createdAt, now),
    ],
  });
}

export async function showAccount(context: Context, word: string): Promise<Rendered> {
  const id = requireId(ACCOUNTS, word);
  const account = await new Admin(await context.stager()).account(id, { signal: context.signal });
  return { json: () => account, text: (view) => describe(account, view) };
}

function describe({ id, name, plan, suspendedAt, createdAt }: Account, view: View): string {
  const { style } = view;
  const rows: [string, string][] = [
    ['Account', style.bold(id)],
    ['Name', clean(name)],
    ['Plan', clean(plan)],
    ['State', suspendedAt ? style.red(`suspended since ${suspendedAt}`) : 'active'],
    ['Created', createdAt],
  ];
  return renderFacts(rows, 10, view);
}

/** Stops the work of others: the name has to be typed. */
export async function suspendAccount(
  context: Context,
  word: string,
  { reason, yes }: { readonly reason: string; readonly yes: boolean },
): Promise<Rendered> {
  const id = requireId(ACCOUNTS, word);
  const admin = new Admin(await context.stager());
  const { name } = await admin.account(id, { signal: context.signal });
  await confirmByName(
    context,
    `This stops everything that ${clean(name)} does, within seconds.`,
    clean(name),
    yes,
  );
  const account = await admin.suspend(id, reason, { signal: context.signal });
  return { json: () => account, text: ({ style }) => `${clean(name)} is ${style.red('suspended')}.  ${id}` };
}

export async function resumeAccount(context: Context, word: string): Promise<Rendered> {
  const id = requireId(ACCOUNTS, word);
  const admin = new Admin(await context.stager());
  const account = await admin.resume(id, { signal: context.signal });
  return {
    json: () => account,
    text: ({ style }) => `${clean(account.name)} is ${style.green('active')}.  ${id}`,
  };
}
