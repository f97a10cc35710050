import {
  Billing,
  type BillingStatus,
  type Pages,
  type Stager,
  type Usage,
  type UsagePage,
} from '@stager/sdk';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import type { Rendered, View } from '../io/io.ts';
import { renderTable } from '../io/table.ts';
import { count } from '../io/text.ts';
import { day, describePeriod, describeUse } from './billing.ts';

export async function showUsage(context: Context, within: string | undefined): Promise<Rendered> {
  const { signal } = context;
  const client = await context.stager();
  const billing = new Billing(client);
  const [state, { periodStart, items }] = await Promise.all([
    // An earlier period is not what the plan in force says anything about.
    within === undefined ? billing.status({ signal }) : undefined,
    readAll(
      billing.usage({ limit: 100, ...(within === undefined ? {} : { periodStart: within }) }, { signal }),
    ),
  ]);
  const names = await projectNames(client, items, signal);
  return {
    json: () => ({ periodStart, billing: state ?? null, items }),
    text: (view) => [head(state, periodStart, items, view), table(items, names, view)].join('\n\n'),
  };
}

async function readAll(
  usage: Pages<Usage, UsagePage>,
): Promise<{ periodStart: string; items: readonly Usage[] }> {
  const all = { periodStart: '', items: [] as Usage[] };
  for await (const { periodStart, items } of usage.pages()) {
    all.periodStart = periodStart;
    all.items.push(...items);
  }
  return all;
}

/** Names of the projects among them; of one that is gone, the id. */
async function projectNames(
  client: Stager,
  items: readonly Usage[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const wanted = new Set(items.flatMap(({ projectId }) => projectId ?? []));
  const names = new Map<string, string>();
  if (wanted.size === 0) return names;
  for await (const { id, name } of client.projects.list({ limit: 100 }, { signal })) {
    if (wanted.delete(id)) names.set(id, name);
    if (wanted.size === 0) break;
  }
  return names;
}

function head(
  state: BillingStatus | undefined,
  periodStart: string,
  items: readonly Usage[],
  { style, columns }: View,
): string {
  if (!state) {
    const units = items.reduce((sum, item) => sum + item.units, 0);
    return `${style.bold(count(units, 'image'))} in the period from ${day(periodStart)}`;
  }
  const { plan, used, reserved } = state;
  const lines = [`${style.bold(clean(plan.name))}  ${describePeriod(state)}`];
  if (plan.limit !== null) lines.push(limitBar(used, reserved, plan.limit, { style, columns }));
  return [...lines, describeUse(state)].join('\n');
}

const BAR_MOST = 60;

/** What is ready, in work and left, as one bar; full above the limit. */
function limitBar(used: number, reserved: number, limit: number, { style, columns }: View): string {
  const share = limit === 0 ? 1 : (used + reserved) / limit;
  const percent = `${Math.floor(share * 100)} %`;
  const width = Math.max(10, Math.min(BAR_MOST, columns - percent.length - 2));
  const cells = (units: number) => (limit === 0 ? width : Math.round((units / limit) * width));
  const solid = Math.min(width, cells(used));
  const soft = Math.min(width - solid, Math.max(0, cells(used + reserved) - solid));
  const paint = share >= 1 ? style.red : share >= 0.8 ? style.yellow : style.green;
  const rest = style.dim('░'.repeat(width - solid - soft));
  return `${paint('█'.repeat(solid) + '▒'.repeat(soft))}${rest}  ${percent}`;
}

const DAY_BAR = 20;

function table(
  items: readonly Usage[],
  names: ReadonlyMap<string, string>,
  { style, columns }: View,
): string {
  if (items.length === 0) return 'No images in this period.';
  const most = Math.max(...items.map(({ units }) => units));
  const rows = items.map(({ day: date, projectId, units, overage }) => [
    date,
    projectId === null ? '-' : clean(names.get(projectId) ?? projectId),
    String(units),
    overage === 0 ? '' : `${overage} above`,
    '▪'.repeat(Math.ceil((units / most) * DAY_BAR)),
  ]);
  return renderTable(
    [
      { title: 'DAY' },
      { title: 'PROJECT', flexible: true },
      { title: 'IMAGES' },
      { title: '', paint: style.yellow },
      { title: '', paint: style.cyan },
    ],
    rows,
    columns,
    style.dim,
  );
}
