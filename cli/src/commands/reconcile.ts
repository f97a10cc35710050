import type { ReconcileFinding, ReconcileKind } from '@stager/sdk';
import { defineCommand, type GroupSpec } from '../command.ts';
import { usageError } from '../errors.ts';
import { FINDING_STATES, RECONCILE_KINDS } from '../generated/constants.ts';
import { integer, moment, oneOf, PROJECT_IDS, requireId } from '../parse.ts';

const ID = 'rec_01jd0000000000000000000000';
const RUN = { name: '<run>', about: 'its id; `stager reconcile history` lists them' };
const YES = { flags: '-y, --yes', about: 'do not ask' };
const LIMIT = {
  flags: '--limit <n>',
  about: 'at most this many (default 50)',
  parse: integer('--limit', 1, 100_000),
};
const isKind = oneOf('--kind', RECONCILE_KINDS);

interface Options {
  readonly dryRun?: boolean;
  readonly project?: string;
  readonly kind?: readonly ReconcileKind[];
  readonly since?: string;
  readonly deep?: boolean;
  readonly apply?: string;
  readonly override?: boolean;
  readonly yes?: boolean;
}

const own = defineCommand<[], Options>({
  name: 'reconcile',
  summary:
    'look for drift between rows, objects, jobs, ledger and subscriptions; for whoever runs the installation',
  description:
    'Looks for everything that contradicts: photos that are missing, objects that nobody knows, images that nobody works ' +
    'on. It changes nothing; --apply repairs what a run has found, as far as it is still so. Exit code 8 when drift was found.',
  options: [
    { flags: '--dry-run', about: 'change nothing (what it does anyway)' },
    {
      flags: '--project <id>',
      about: 'only what belongs to this project',
      parse: (text) => requireId(PROJECT_IDS, text),
    },
    {
      flags: '--kind <code>',
      about: 'only this kind; may be given again',
      // What an earlier use of this same parser gave.
      parse: (text, before) => [...((before as ReconcileKind[] | undefined) ?? []), isKind(text)],
    },
    {
      flags: '--since <when>',
      about: 'only what was made since: 2026-03-01, or 24h, 7d',
      parse: moment('--since'),
    },
    { flags: '--deep', about: 'read every object and compare its bytes' },
    { flags: '--apply <run>', about: 'repair what this run has found' },
    {
      flags: '--override',
      about: 'with --apply: although the run was stopped, or changes more than is usual',
    },
    YES,
  ],
  examples: [
    { command: 'stager reconcile --dry-run', about: 'what contradicts?' },
    { command: 'stager reconcile --kind orphan_object --deep --json', about: 'for a script' },
    { command: `stager reconcile --apply ${ID}`, about: 'repair what that run has found' },
  ],
  async run(context, _args, { dryRun, apply, override = false, yes = false, project, kind, since, deep }) {
    const { applyFindings, lookForDrift } = await import('../actions/reconcile.ts');
    if (apply === undefined && (override || yes))
      throw usageError(
        '--override and --yes belong to --apply.',
        'A dry run changes nothing and asks nothing.',
      );
    if (apply !== undefined && (dryRun || project || kind || since || deep))
      throw usageError('--apply acts on what its run has found: it takes no other scope.');
    if (apply !== undefined) return applyFindings(context, apply, { yes, override });
    return lookForDrift(context, {
      ...(project === undefined ? {} : { projectId: project }),
      ...(kind === undefined ? {} : { kinds: [...new Set(kind)] }),
      ...(since === undefined ? {} : { since }),
      ...(deep ? { deep } : {}),
    });
  },
});

const history = defineCommand<[], { limit?: number }>({
  name: 'history',
  summary: 'runs, newest first',
  options: [LIMIT],
  examples: [{ command: 'stager reconcile history', about: 'who looked when, and what was repaired?' }],
  async run(context, _args, { limit }) {
    const { listRuns } = await import('../actions/reconcile.ts');
    context.io.print(await listRuns(context, limit));
  },
});

const show = defineCommand<
  [string],
  { kind?: readonly ReconcileKind[]; state?: ReconcileFinding['state']; limit?: number }
>({
  name: 'show',
  summary: 'a run, what it has found and what became of it; all of it with --json',
  arguments: [RUN],
  options: [
    { flags: '--kind <code>', about: 'only this kind', parse: (text) => [isKind(text)] },
    {
      flags: '--state <state>',
      about: `only these: ${FINDING_STATES.join(', ')}`,
      parse: oneOf('--state', FINDING_STATES),
    },
    LIMIT,
  ],
  examples: [
    { command: `stager reconcile show ${ID} --state skipped`, about: 'what had changed meanwhile?' },
    { command: `stager reconcile show ${ID} --json > run.json`, about: 'all of it, to be kept' },
  ],
  async run(context, [run], options) {
    const { showRun } = await import('../actions/reconcile.ts');
    const { kind, ...rest } = options;
    context.io.print(await showRun(context, run, { ...rest, ...(kind?.[0] ? { kind: kind[0] } : {}) }));
  },
});

const undo = defineCommand<[string], { yes?: boolean }>({
  name: 'undo',
  summary: 'put back what a run has put aside',
  arguments: [RUN],
  options: [YES],
  examples: [{ command: `stager reconcile undo ${ID}`, about: 'within 7 days' }],
  async run(context, [run], { yes }) {
    const { undoRun } = await import('../actions/reconcile.ts');
    return undoRun(context, run, yes ?? false);
  },
});

const cancel = defineCommand<[string]>({
  name: 'cancel',
  summary: 'end a run that is under way',
  arguments: [RUN],
  examples: [{ command: `stager reconcile cancel ${ID}`, about: 'what was done before stays' }],
  async run(context, [run]) {
    const { cancelRun } = await import('../actions/reconcile.ts');
    context.io.print(await cancelRun(context, run));
  },
});

const explain = defineCommand<[string]>({
  name: 'explain',
  summary: 'what a kind of drift means, and what is done about it',
  arguments: [{ name: '<code>', about: `one of ${RECONCILE_KINDS.join(', ')}` }],
  examples: [{ command: 'stager reconcile explain orphan_object', about: 'what is that?' }],
  async run(context, [code]) {
    const { explain: run } = await import('../actions/reconcile.ts');
    context.io.print(run(code));
  },
});

export const reconcile: GroupSpec = {
  name: 'reconcile',
  summary: 'look for drift between rows, objects and jobs, and repair it',
  own,
  commands: [history, show, undo, cancel, explain],
};
