import {
  hasEnded,
  type Reconcile,
  type ReconcileFinding,
  type ReconcileKind,
  type ReconcileRun,
} from '@stager/sdk';
import { clean } from '../io/clean.ts';
import type { Rendered, View } from '../io/io.ts';
import { renderTable } from '../io/table.ts';
import { wrap } from '../io/text.ts';
import { EXPLANATIONS } from './explain.ts';

/** Things that are shown as examples of a kind. */
const EXAMPLES = 3;
/** Findings among which they are looked for: several may be about one image. */
const LOOKED_AT = 20;

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
    const { items } = await reconcile.findings(run.id, { kind, limit: LOOKED_AT }, { signal }).page();
    kinds.push({ kind, count: found, repair: items[0]?.repair ?? '', examples: pickExamples(items) });
  }
  return kinds.sort((a, b) => b.count - a.count);
}

/** The first of each thing. */
export function pickExamples(findings: readonly ReconcileFinding[]): ReconcileFinding[] {
  const firsts = new Map<string, ReconcileFinding>();
  for (const finding of findings) if (!firsts.has(nameOf(finding))) firsts.set(nameOf(finding), finding);
  return [...firsts.values()].slice(0, EXAMPLES);
}

function nameOf({ subject, key }: ReconcileFinding): string {
  return clean(subject ?? key ?? '');
}

export function renderRun(run: ReconcileRun, kinds: readonly KindReport[]): Rendered {
  return {
    json: () => ({ run, kinds }),
    text: (view) => [...heading(run, view), ...table(kinds, view), ...next(run, view)].join('\n'),
  };
}

function heading(run: ReconcileRun, { style, columns }: View): string[] {
  const { rows, objects } = run.progress;
  const seen = style.dim(`${format(rows, 'row')}, ${format(objects, 'object')}`);
  if (run.reason)
    return [...wrap(`${style.red(run.state)}  ${clean(run.reason.message)}`, columns, ''), seen];
  const found = total(run);
  if (!hasEnded(run)) return [`${style.bold(run.state)}  ${format(found, 'finding')} so far  ${seen}`];
  return [`${found === 0 ? style.green('No drift.') : style.bold(format(found, 'finding'))}  ${seen}`];
}

function table(kinds: readonly KindReport[], { style, columns }: View): string[] {
  if (kinds.length === 0) return [];
  const rows = kinds.flatMap(({ kind, count: found, repair, examples }) =>
    examples.map((finding, at) => [
      at === 0 ? kind : '',
      at === 0 ? found.toLocaleString('en-US') : '',
      at === 0 ? repair : '',
      nameOf(finding),
    ]),
  );
  const layout = [
    { title: 'KIND' },
    { title: 'FOUND' },
    { title: 'REPAIR' },
    { title: 'FOR INSTANCE', flexible: true, keepEnd: true, paint: style.dim },
  ];
  return ['', renderTable(layout, rows, columns, style.dim)];
}

/** What became of it, and what can be done about it. */
function next(run: ReconcileRun, { style }: View): string[] {
  const { applied, skipped, undone, open } = outcomeOf(run);
  const decided = applied + skipped + undone > 0 || run.state === 'applied' || run.state === 'undone';
  if (!decided && (total(run) === 0 || (hasEnded(run) && run.changesMax === null))) return [];
  const parts = [`${applied} applied`, `${skipped} skipped`];
  if (undone > 0) parts.push(`${undone} undone`);
  if (decided && open > 0) parts.push(`${open} not decided`);
  return [
    '',
    decided ? parts.join(', ') : 'Nothing was changed.',
    ...commands(run, decided).map(([what, command]) =>
      style.dim(`${what.padEnd(9)}stager reconcile ${command}`),
    ),
  ];
}

/** Each on a line of its own, so that it can be copied from a terminal of 80 columns. */
function commands(run: ReconcileRun, decided: boolean): (readonly [string, string])[] {
  const { id } = run;
  const { applied, skipped, open } = outcomeOf(run);
  const found = decided ? [] : ([['Meaning', 'explain CODE']] as const);
  const lines: (readonly [string, string])[] = [...found, ['Details', `show ${id}`]];
  if (skipped > 0) lines.push(['Skipped', `show ${id} --state skipped`]);
  if (!hasEnded(run)) return [...lines, ['End it', `cancel ${id}`]];
  if (applied > 0 && run.state !== 'undone') lines.push(['Put back', `undo ${id}`]);
  if (canApply(run) && open > 0) {
    lines.push([decided ? 'Go on' : 'Repair', `--apply ${id}${needsOverride(run) ? ' --override' : ''}`]);
  }
  return lines;
}

/** Whether its findings may be repaired still; the server has the last word. */
function canApply({ state, applyUntil }: ReconcileRun): boolean {
  const ended = ['scanned', 'stopped', 'failed', 'canceled'].includes(state);
  return ended && applyUntil !== null && Date.parse(applyUntil) > Date.now();
}

/** Whether the run may be applied, but not unasked. */
export function needsOverride(run: ReconcileRun): boolean {
  const { state, changes, changesMax } = run;
  return canApply(run) && (state === 'stopped' || (changesMax !== null && changes > changesMax));
}

function outcomeOf({ changes, outcome }: ReconcileRun) {
  const { applied, skipped, undone } = outcome;
  return { applied, skipped, undone, open: changes - applied - skipped - undone };
}

function format(n: number, one: string): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : `${one}s`}`;
}
