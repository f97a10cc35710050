import { Command, Option } from 'commander';
import {
  type CommandSpec,
  type Example,
  type GroupSpec,
  isGroup,
  leavesOf,
  type OptionSpec,
  type Outcome,
} from './command.ts';
import { commands } from './commands/index.ts';
import type { Context } from './context.ts';
import { usageError } from './errors.ts';
import { topics } from './help/topics.ts';
import { VERSION } from './version.ts';

/** Help is as wide everywhere: it is read in pipes, pages and narrow terminals alike. */
const HELP_WIDTH = 80;

export interface Parsed {
  readonly json: boolean;
  readonly profile?: string;
  readonly apiUrl?: string;
}

export interface ProgramHooks {
  /** Called when the whole command line is understood, before the command runs. */
  readonly makeContext: (parsed: Parsed) => Context;
  readonly onOutcome: (outcome: Outcome) => void;
  readonly writeOut: (text: string) => void;
}

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '--json', about: 'print JSON on stdout, and nothing else there' },
  { flags: '--profile <name>', about: 'use the settings and the login of this profile' },
  { flags: '--api-url <url>', about: 'talk to this API' },
];

const ROOT_EXAMPLES: readonly Example[] = [
  { command: 'stager login', about: 'log in, once' },
  { command: 'stager upload ./listing-42 --wait --out ./staged', about: 'a folder, there and back' },
  { command: 'stager tail', about: 'follow what is going on' },
];

/** The whole command line. It prints nothing by itself but help and version; what is wrong is thrown. */
export function createProgram(hooks: ProgramHooks): Command {
  const program = new Command('stager');
  prepare(program, hooks);
  program
    .description('Photos of rooms in bulk: upload, follow, download.')
    .usage('<command> [options]')
    .version(VERSION, '-V, --version', 'print the version')
    .helpCommand(false)
    .addHelpText('after', `${exampleText(ROOT_EXAMPLES)}\n\n${TOPIC_TEXT}`);
  for (const option of GLOBAL_OPTIONS) program.addOption(makeOption(option));
  for (const spec of commands) program.addCommand(make(spec, program, hooks));
  program.addCommand(makeHelp(program, hooks));
  return program;
}

const TOPIC_TEXT = `Topics: ${Object.keys(topics)
  .map((name) => `stager help ${name}`)
  .join(', ')}`;

function prepare(command: Command, hooks: ProgramHooks): void {
  command
    .exitOverride()
    .helpOption('-h, --help', 'show help')
    .configureHelp({ helpWidth: HELP_WIDTH, showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: hooks.writeOut,
      // What is wrong is reported in one place, which knows about --json.
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
    });
}

function make(spec: CommandSpec | GroupSpec, program: Command, hooks: ProgramHooks): Command {
  return isGroup(spec) ? makeGroup(spec, program, hooks) : makeCommand(spec, program, hooks);
}

function makeGroup(spec: GroupSpec, program: Command, hooks: ProgramHooks): Command {
  const group = spec.own ? makeCommand(spec.own, program, hooks) : new Command(spec.name);
  if (!spec.own) prepare(group, hooks);
  const usage = spec.own ? '[command] [options]' : '<command> [options]';
  group.summary(spec.summary).usage(usage).helpCommand(false);
  if (!spec.own) group.description(spec.summary);
  for (const command of spec.commands) group.addCommand(make(command, program, hooks));
  if (spec.own) return group;
  group.addHelpText('after', exampleText(leavesOf(spec).map((leaf) => leaf.spec.examples[0])));
  return group;
}

function makeCommand(spec: CommandSpec, program: Command, hooks: ProgramHooks): Command {
  const command = new Command(spec.name);
  prepare(command, hooks);
  command
    .summary(spec.summary)
    .description(spec.description ?? spec.summary)
    .addHelpText('after', exampleText(spec.examples));
  for (const { name, about } of spec.arguments ?? []) command.argument(name, about);
  for (const option of spec.options ?? []) command.addOption(makeOption(option));
  command.action(async () => {
    const parsed = program.opts<Parsed>();
    const context = hooks.makeContext({ ...parsed, json: parsed.json ?? false });
    hooks.onOutcome(await spec.run(context, command.processedArgs, optionsOf(command)));
  });
  return command;
}

/** Its own. What a group takes by itself, too, was given to the group, wherever it stands. */
function optionsOf(command: Command): Record<string, unknown> {
  const all = command.optsWithGlobals();
  const names = command.options.map((option) => option.attributeName());
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

function makeOption({ flags, about, parse }: OptionSpec): Option {
  const option = new Option(flags, about);
  if (parse) option.argParser((text: string, before: unknown) => parse(text, before));
  return option;
}

function makeHelp(program: Command, hooks: ProgramHooks): Command {
  const help = new Command('help');
  prepare(help, hooks);
  return help
    .summary('help on a command or a topic')
    .description('Help on a command or a topic.')
    .argument('[words...]', 'a command, or a topic')
    .addHelpText('after', `\n${TOPIC_TEXT}`)
    .action((words: string[]) => {
      const topic = topics[words.join(' ')];
      if (topic !== undefined) return hooks.writeOut(`${topic}\n`);
      let target = program;
      for (const word of words) {
        const next = target.commands.find((command) => command.name() === word);
        if (!next)
          throw usageError(
            `There is no command and no topic "${words.join(' ')}".`,
            `${TOPIC_TEXT}; commands: stager --help`,
          );
        target = next;
      }
      target.outputHelp();
      return undefined;
    });
}

function exampleText(examples: readonly Example[]): string {
  return `\nExamples:\n${examples.map(({ command, about }) => `  # ${about}\n  $ ${command}`).join('\n')}`;
}
