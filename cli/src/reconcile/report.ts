import type { Reconcile, ReconcileFinding, ReconcileKind, ReconcileRun } from '@stager/sdk';
import { clean } from '../io/clean.ts';
import type { Rendered, View } from '../io/io.ts';
import { renderTable } from '../io/table.ts';
import { count } from '../io/text.ts';
import { EXPLANATIONS } from './explain.ts';

/** Findings of a kind that are shown as examples. */
const EXAMPLES = 3;

export interface KindReport {
  readonly kind: ReconcileKind;
  readonly count: number;
  readonly repair: string;
  readonly examples: readonly ReconcileFinding[];
}

export function total({ counts }: ReconcileRun): number {
  return Object.values(counts).reduce((sum, one) => sum + (one ?? 0), 0);
}

/** What was found, by kind, most first. */
export async function readKinds(
  reconcile: Reconcile,
  run: ReconcileRun,
  signal: AbortSignal,
): Promise<KindReport[]> {
  const kinds: KindReport[] = [];
  // Kinds are the keys of the explanations.
  for (const kind of Object.keys(EXPLANATIONS) as ReconcileKind[]) {
    const found = run.counts[kind] ?? 0;
    if (found === 0) continue;
    const { items } = await reconcile.findings(run.id, { kind, limit: EXAMPLES }, { signal }).page();
    kinds.push({ kind, count: found, repair: items[0]?.repair ?? '', examples: items });
  }
  return kinds.sort((a, b) => b.count - a.count);
}

export function renderRun(run: ReconcileRun, kinds: readonly KindReport[]): Rendered {
  return {
    json: () => ({ run, kinds }),
    text: (view) => [heading(run, view), ...table(kinds, view), ...next(run, view)].join('\n'),
  };
}

function heading(run: ReconcileRun, { style }: View): string {
  const { rows, objects } = run.progress;
  const seen = `${rows.toLocaleString('en-US')} rows, ${objects.toLocaleString('en-US')} objects`;
  if (run.reason) return `${style.red(run.state)}  ${clean(run.reason.message)}  ${style.dim(seen)}`;
  const found = total(run);
  if (found === 0) return `${style.green('No drift.')}  ${style.dim(seen)}`;
  return `${style.bold(count(found, 'finding'))}  ${style.dim(seen)}`;
}

function table(kinds: readonly KindReport[], { style, columns }: View): string[] {
  if (kinds.length === 0) return [];
  const rows = kinds.flatMap(({ kind, count: found, repair, examples }) =>
    examples.map((finding, at) => [
      at === 0 ? kind : '',
      at === 0 ? found.toLocaleString('en-US') : '',
      at === 0 ? repair : '',
      clean(finding.subject ?? finding.key ?? ''),
    ]),
  );
  const layout = [
    { title: 'KIND' },
    { title: 'FOUND' },
    { title: 'REPAIR' },
    { title: 'FOR INSTANCE', flexible: true, paint: style.dim },
  ];
  return ['', renderTable(layout, rows, columns, style.dim)];
}

/** What can be done about it. */
function next(run: ReconcileRun, { style }: View): string[] {
  const { id, state, changes, changesMax, outcome } = run;
  if (state === 'applied' || state === 'undone') {
    const { applied, skipped, undone } = outcome;
    const done = `${applied} applied, ${skipped} skipped${undone > 0 ? `, ${undone} undone` : ''}`;
    return [
      '',
      done,
      style.dim(
        `All of it: stager reconcile show ${id}; to put back what was put aside: stager reconcile undo ${id}`,
      ),
    ];
  }
  if (total(run) === 0 || changesMax === null) return [];
  const override = state === 'stopped' || changes > changesMax ? ' --override' : '';
  return [
    '',
    'Nothing was changed.',
    style.dim(`What a kind means: stager reconcile explain CODE. All findings: stager reconcile show ${id}`),
    style.dim(`To repair them, within 24 hours: stager reconcile --apply ${id}${override}`),
  ];
}
