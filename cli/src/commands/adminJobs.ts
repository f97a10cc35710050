import { type CommandSpec, defineCommand, type GroupSpec } from '../command.ts';
import { ACCOUNTS, integer, oneOf, requireId } from '../parse.ts';

const LIMIT = {
  flags: '--limit <n>',
  about: 'at most this many (default 50)',
  parse: integer('--limit', 1, 100_000),
};
const YES = { flags: '-y, --yes', about: 'do not ask' };
const OF_ACCOUNT = {
  flags: '--account <account>',
  about: 'only of this account: its id',
  parse: (text: string) => requireId(ACCOUNTS, text),
};
const CODE = { flags: '--code <code>', about: 'only what died of this, such as worker_lost' };
const IDS = [{ name: '<jobs...>', about: 'ids of jobs, as `stager admin jobs list` shows them' }];
const ID = 'job_01jd0000000000000000000000';
const STATES = ['queued', 'running', 'dead'] as const;

const list = defineCommand<[], { limit?: number; state?: (typeof STATES)[number]; account?: string }>({
  name: 'list',
  summary: 'jobs of all accounts, newest first',
  options: [
    { flags: '--state <state>', about: STATES.join(', '), parse: oneOf('--state', STATES) },
    OF_ACCOUNT,
    LIMIT,
  ],
  examples: [{ command: 'stager admin jobs list --state running', about: 'what is in work?' }],
  async run(context, _args, options) {
    const { listJobs } = await import('../actions/adminJobs.ts');
    context.io.print(await listJobs(context, options));
  },
});

const show = defineCommand<[string]>({
  name: 'show',
  summary: 'everything about one job',
  arguments: [{ name: '<job>', about: 'its id' }],
  examples: [{ command: `stager admin jobs show ${ID}`, about: 'whose is it, and why does it fail?' }],
  async run(context, [job]) {
    const { showJob } = await import('../actions/adminJobs.ts');
    context.io.print(await showJob(context, job));
  },
});

const retry = defineCommand<[string[]]>({
  name: 'retry',
  summary: 'queue the images of jobs again, as their owners would; it takes a unit of their plan',
  arguments: IDS,
  examples: [{ command: `stager admin jobs retry ${ID}`, about: 'a customer asked for it' }],
  async run(context, [ids]) {
    const { retryJobs } = await import('../actions/adminJobs.ts');
    const { result, exit } = await retryJobs(context, ids);
    context.io.print(result);
    return exit;
  },
});

const cancel = defineCommand<[string[]], { yes?: boolean }>({
  name: 'cancel',
  summary: 'cancel the images of jobs, as their owners would; their units are given back',
  arguments: IDS,
  options: [YES],
  examples: [{ command: `stager admin jobs cancel ${ID}`, about: 'one that holds everybody up' }],
  async run(context, [ids], { yes }) {
    const { cancelJobs } = await import('../actions/adminJobs.ts');
    const { result, exit } = await cancelJobs(context, ids, yes ?? false);
    context.io.print(result);
    return exit;
  },
});

const dead = defineCommand<[], { code?: string; account?: string; limit?: number }>({
  name: 'dead',
  summary: 'dead letters: jobs that have ended for good and whose image has failed, the latest first',
  options: [CODE, OF_ACCOUNT, LIMIT],
  examples: [{ command: 'stager admin jobs dead --code worker_lost', about: 'what did that outage cost?' }],
  async run(context, _args, options) {
    const { listDead } = await import('../actions/adminJobs.ts');
    context.io.print(await listDead(context, options));
  },
});

const replay = defineCommand<[string[]], { code?: string; account?: string; limit?: number; yes?: boolean }>({
  name: 'replay',
  summary: 'queue dead jobs again with all their attempts, at no cost to their owners',
  description:
    'For what failed by your fault. Remove the cause first: the attempts are spent the same way otherwise.',
  arguments: [{ name: '[jobs...]', about: 'ids of dead jobs, as `stager admin jobs dead` shows them' }],
  options: [CODE, OF_ACCOUNT, { ...LIMIT, about: 'with --code: at most this many (default 100)' }, YES],
  examples: [
    { command: `stager admin jobs replay ${ID}`, about: 'one' },
    { command: 'stager admin jobs replay --code worker_lost --limit 1000', about: 'after an outage' },
  ],
  async run(context, [ids], { yes, ...filter }) {
    const { replayJobs } = await import('../actions/adminJobs.ts');
    const { result, exit } = await replayJobs(context, ids, { ...filter, yes: yes ?? false });
    context.io.print(result);
    return exit;
  },
});

export const jobs: GroupSpec = {
  name: 'jobs',
  summary: 'list, retry and cancel jobs of all accounts; dead letters and their replay',
  commands: [list, show, retry, cancel, dead, replay],
};

export const stats: CommandSpec = defineCommand({
  name: 'stats',
  summary: 'accounts, images by state, how long work waits, failures, storage, spend',
  examples: [
    { command: 'stager admin stats', about: 'is all well?' },
    { command: "stager admin stats --json | jq '.queue.oldestDueSeconds'", about: 'for an alarm' },
  ],
  async run(context) {
    const { showStats } = await import('../actions/adminStats.ts');
    context.io.print(await showStats(context));
  },
});
