import { type AccountUsage, Admin, type ImageCounts, type Stats, type Storage } from '@stager/sdk';
import type { Context } from '../context.ts';
import { renderFacts } from '../io/facts.ts';
import type { Rendered, View } from '../io/io.ts';
import { paintState } from '../io/state.ts';
import { count, formatBytes, formatSeconds } from '../io/text.ts';
import { ACCOUNTS, requireId } from '../parse.ts';
import { day, formatMoney } from './billing.ts';

/** A job that waits longer makes an operator look. Seconds. */
const LONG_WAIT = 300;
/** A larger share of failures makes an operator look. */
const MANY_FAILURES = 0.05;

export async function showStats(context: Context): Promise<Rendered> {
  const stats = await new Admin(await context.stager()).stats({ signal: context.signal });
  return { json: () => stats, text: (view) => renderStats(stats, view) };
}

export function renderStats(stats: Stats, view: View): string {
  const { style } = view;
  const { accounts, images, queue, failures, storage, spend } = stats;
  const skipped = style.yellow('too much to be counted in time');
  const rows: (readonly [string, string])[] = [
    [
      'Accounts',
      accounts
        ? `${accounts.total}${accounts.suspended ? `, ${style.yellow(`${accounts.suspended} suspended`)}` : ''}`
        : skipped,
    ],
    ['Images', images ? describeImages(images, view) : skipped],
    ['Oldest due', queue ? describeWait(queue.oldestDueSeconds, view) : skipped],
    ['Failures', failures ? describeFailures(failures, view) : skipped],
    ...(storage ? describeStorage(storage) : [['Storage', skipped] as const]),
    ...(spend ? describeSpend(spend) : [['Spend', skipped] as const]),
  ];
  return renderFacts(rows, 12, view);
}

function describeImages(images: ImageCounts, { style }: View): string {
  const shown = (['queued', 'processing', 'ready', 'error', 'canceled'] as const).map((state) =>
    images[state] === 0 ? style.dim(`0 ${state}`) : paintState(state, `${images[state]} ${state}`, style),
  );
  return shown.join('  ');
}

function describeWait(seconds: number | null, { style }: View): string {
  if (seconds === null) return 'nothing waits';
  const text = `waits ${formatSeconds(seconds)}`;
  return seconds > LONG_WAIT ? style.red(text) : text;
}

function describeFailures({ done, dead, rate }: NonNullable<Stats['failures']>, { style }: View): string {
  if (rate === null) return 'none of 0 jobs in 24 h';
  const text = `${(rate * 100).toFixed(1)} %  ${dead} of ${count(done + dead, 'job')} in 24 h`;
  return rate > MANY_FAILURES ? style.red(text) : text;
}

function describeStorage({ originals, outputs }: Storage): (readonly [string, string])[] {
  return [
    ['Originals', `${formatBytes(originals.bytes).padEnd(10)}${count(originals.objects, 'object')}`],
    ['Results', `${formatBytes(outputs.bytes).padEnd(10)}${count(outputs.objects, 'object')}`],
  ];
}

function describeSpend(spend: NonNullable<Stats['spend']>): (readonly [string, string])[] {
  const { subscriptions, monthlyCents, overageUnits, overageCents } = spend;
  return [
    ['Plans', `${formatMoney(monthlyCents)} a month, ${count(subscriptions, 'subscription')}`],
    ['Above', `${formatMoney(overageCents)}, ${count(overageUnits, 'image')} above the limits`],
  ];
}

export async function showUsage(context: Context, word: string): Promise<Rendered> {
  const id = requireId(ACCOUNTS, word);
  const usage = await new Admin(await context.stager()).usage(id, { signal: context.signal });
  return { json: () => usage, text: (view) => renderUsage(usage, view) };
}

function renderUsage(usage: AccountUsage, view: View): string {
  const { accountId, plan, period, units, limit, overageUnits, planCents, overageCents, images, storage } =
    usage;
  const above = overageUnits === 0 ? '' : `, ${overageUnits} above it for ${formatMoney(overageCents)}`;
  return renderFacts(
    [
      ['Account', view.style.bold(accountId)],
      ['Plan', `${plan}, ${planCents === 0 ? 'nothing to pay' : `${formatMoney(planCents)} a month`}`],
      ['Period', `${day(period.start)} to ${day(period.end)}`],
      ['Used', `${units} of ${limit ?? 'any number of'} images${above}`],
      ['Images', describeImages(images, view)],
      ...describeStorage(storage),
    ],
    12,
    view,
  );
}
