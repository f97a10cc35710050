import {
  hasEnded,
  Reconcile,
  type ReconcileFinding,
  type ReconcileInput,
  type ReconcileKind,
  type ReconcileRun,
} from '@stager/sdk';
import type { Context } from '../context.ts';
import { CliError, usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { clean } from '../io/clean.ts';
import { confirmByName } from '../io/confirm.ts';
import type { Rendered } from '../io/io.ts';
import { count, formatAge, wrap } from '../io/text.ts';
import { RUNS, requireId } from '../parse.ts';
import { EXPLANATIONS } from '../reconcile/explain.ts';
import { renderFindings } from '../reconcile/findings.ts';
import { needsOverride, readKinds, renderRun, total } from '../reconcile/report.ts';
import { watchRun } from '../reconcile/watch.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';

export interface ActOptions {
  readonly yes: boolean;
  readonly override: boolean;
}

const resource = async (context: Context) => new Reconcile(await context.stager());

/** A dry run, watched to its end. */
export async function lookForDrift(context: Context, wish: ReconcileInput): Promise<ExitCode> {
  const reconcile = await resource(context);
  const begun = await reconcile.start(wish, { signal: context.signal });
  return tell(context, reconcile, await watchRun(context, reconcile, begun));
}

/** Repairs what a run has found, when it is meant. */
export async function applyFindings(
  context: Context,
  word: string,
  { yes, override }: ActOptions,
): Promise<ExitCode> {
  const id = requireId(RUNS, word);
  const reconcile = await resource(context);
  const run = await reconcile.run(id, { signal: context.signal });
  if (needsOverride(run) && !override) throw notUnasked(run);
  const warning = `This acts on ${count(run.changes, 'finding')} of run ${id}, on the rows and objects of customers.`;
  await confirmByName(context, warning, id, yes);
  const begun = await reconcile.apply(id, override, { signal: context.signal });
  return tell(context, reconcile, await watchRun(context, reconcile, begun));
}

/** Before anybody types its id in vain. */
function notUnasked({ id, reason, changes, changesMax }: ReconcileRun): CliError {
  const why = reason ? clean(reason.message) : `${changes} changes are more than ${changesMax}.`;
  return new CliError(`${why} Nothing was changed.`, {
    code: 'invalid_state',
    next: [
      { command: `stager reconcile show ${id}`, when: 'to see what was found' },
      { command: `stager reconcile --apply ${id} --override`, when: 'if all of it is meant' },
    ],
  });
}

export async function undoRun(context: Context, word: string, yes: boolean): Promise<ExitCode> {
  const id = requireId(RUNS, word);
  const reconcile = await resource(context);
  await confirmByName(context, `This puts back what run ${id} has put aside.`, id, yes);
  const begun = await reconcile.undo(id, { signal: context.signal });
  return tell(context, reconcile, await watchRun(context, reconcile, begun));
}

async function tell(context: Context, reconcile: Reconcile, run: ReconcileRun): Promise<ExitCode> {
  const kinds = await readKinds(reconcile, run, context.signal);
  context.io.print(renderRun(run, kinds));
  if (run.state === 'failed' || run.state === 'canceled') return EXIT.failed;
  if (run.state === 'undone') return EXIT.ok;
  if (run.state === 'applied') return run.outcome.skipped > 0 ? EXIT.pending : EXIT.ok;
  return total(run) > 0 || run.state === 'stopped' ? EXIT.pending : EXIT.ok;
}

export async function cancelRun(context: Context, word: string): Promise<Rendered> {
  const id = requireId(RUNS, word);
  const run = await (await resource(context)).cancel(id, { signal: context.signal });
  return {
    json: () => run,
    text: () =>
      hasEnded(run)
        ? `${id} has ended.`
        : `${id} ends within seconds, or within a minute when its worker has died.`,
  };
}

export async function listRuns(context: Context, limit = DEFAULT_LIMIT): Promise<Rendered> {
  const reconcile = await resource(context);
  const runs = reconcile.runs({ limit: pageSize(limit) }, { signal: context.signal });
  const listed = await takeUpTo(runs, limit);
  // Most installations look at all of it at once: then there is room for the rest.
  const scoped = listed.found.some(({ projectId }) => projectId !== null);
  return renderList({
    ...listed,
    limit,
    none: 'Nobody has looked for drift yet: stager reconcile',
    columns: ({ style }) => [
      { title: 'RUN' },
      { title: 'STATE', paint: (text, row) => (listed.found[row]?.reason ? style.red(text) : text) },
      ...(scoped ? [{ title: 'SCOPE', flexible: true, keepEnd: true }] : []),
      { title: 'FOUND' },
      { title: 'DONE' },
      { title: 'BY', flexible: true },
      { title: 'BEGUN', paint: style.dim },
    ],
    row: (run, now) => [
      run.id,
      run.state,
      ...(scoped ? [run.projectId ?? 'all'] : []),
      String(total(run)),
      String(run.outcome.applied),
      clean(run.appliedBy ?? run.requestedBy),
      formatAge(run.createdAt, now),
    ],
  });
}

export interface ShowOptions {
  readonly kind?: ReconcileKind;
  readonly state?: ReconcileFinding['state'];
  readonly limit?: number;
}

/** A run with its findings; all of them under `--json`. */
export async function showRun(context: Context, word: string, options: ShowOptions): Promise<Rendered> {
  const id = requireId(RUNS, word);
  const { signal } = context;
  const reconcile = await resource(context);
  const run = await reconcile.run(id, { signal });
  const { kind, state } = options;
  const limit = options.limit ?? (context.io.json ? Number.POSITIVE_INFINITY : DEFAULT_LIMIT);
  const findings = reconcile.findings(id, { kind, state, limit: pageSize(limit) }, { signal });
  const listed = await takeUpTo(findings, limit);
  const head = renderRun(run, []);
  return {
    json: () => ({ run, findings: listed.found }),
    text(view) {
      const none = kind || state ? '\n\nNo findings that fit.' : '';
      if (listed.found.length === 0) return `${head.text(view)}${none}`;
      const more = listed.more ? [view.style.dim(`There are more: --limit ${limit * 2}`)] : [];
      return [head.text(view), '', renderFindings(listed.found, view), ...more].join('\n');
    },
  };
}

export function explain(code: string): Rendered {
  const found = Object.entries(EXPLANATIONS).find(([kind]) => kind === code);
  if (!found) {
    throw usageError(
      `There is no kind of drift ${code}.`,
      `Known are: ${Object.keys(EXPLANATIONS).join(', ')}`,
    );
  }
  const [, { what, why, repair, undo }] = found;
  return {
    json: () => ({ code, what, why, repair, undo }),
    text({ style, columns }) {
      const part = (title: string, words: string) =>
        `${title.padEnd(8)}${wrap(words, columns, ' '.repeat(8)).join('\n').trimStart()}`;
      const head = wrap(`${style.bold(code)}: ${what}`, columns, '').join('\n');
      return [head, '', part('Why', why), part('Repair', repair), part('Undo', undo)].join('\n');
    },
  };
}
