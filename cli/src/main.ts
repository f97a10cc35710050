import type { CommanderError } from 'commander';
import { type CommandSpec, type GroupSpec, isGroup } from './command.ts';
import { commands } from './commands/index.ts';
import { type Context, createContext } from './context.ts';
import {
  type CliError,
  type ErrorReport,
  Interrupted,
  LOGIN_STEP,
  type NextStep,
  toFailure,
  usageError,
} from './errors.ts';
import { EXIT } from './exit.ts';
import { clean } from './io/clean.ts';
import { createIo, type Io, type IoStreams } from './io/io.ts';
import { renderError } from './io/renderError.ts';
import { flagWords } from './io/text.ts';
import { createProgram } from './program.ts';
import type { Env } from './settings/paths.ts';
import type { Flags } from './settings/resolve.ts';
import { watchSignals } from './signals.ts';

/**
 * Runs one command line and says how it ended.
 * @param argv what stands behind `stager`
 */
export async function main(argv: readonly string[], env: Env, streams: IoStreams): Promise<number> {
  const signal = watchSignals();
  // Known before parsing, so that a wrong command line is reported in the form that was asked for.
  let scene: Scene = {
    io: createIo(streams, env, argv.includes('--json')),
    env,
    flags: {},
    context: undefined,
  };
  let exitCode: number = EXIT.ok;
  const program = createProgram({
    makeContext(parsed) {
      const io = createIo(streams, env, parsed.json);
      const context = createContext({ io, env, signal, argv, flags: parsed });
      scene = { io, env, flags: parsed, context };
      return context;
    },
    onOutcome(outcome) {
      exitCode = outcome ?? EXIT.ok;
    },
    writeOut: (text) => streams.stdout.write(text),
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (isCommanderError(error)) {
      if (error.exitCode === 0) return EXIT.ok;
      const words = argv.filter((word) => !word.startsWith('-'));
      if (error.code === 'commander.help' && words.length === 0) {
        program.outputHelp();
        return EXIT.ok;
      }
      return await fail(scene, usageFrom(error, words));
    }
    const interrupted = signal.aborted && !(error instanceof Interrupted);
    return await fail(scene, interrupted ? new Interrupted() : error);
  } finally {
    // The process ends behind this, whatever still runs.
    await scene.context?.idle();
  }
}

/** What is known of a command line when it fails: more, the later that is. */
interface Scene {
  readonly io: Io;
  readonly env: Env;
  readonly flags: Flags;
  readonly context: Context | undefined;
}

async function fail({ io, env, flags, context }: Scene, error: unknown): Promise<number> {
  const failure = await toFailure(error);
  const { exit } = failure;
  const advised = context ? await advise(failure.report, error, context) : failure.report;
  const report = { ...advised, next: advised.next.map((step) => forSame(step, flags, env)) };
  if (io.json) io.emit({ json: () => ({ error: report }), text: () => '' });
  else io.say(renderError(report, io.words));
  if (env['STAGER_DEBUG'] && error instanceof Error) io.say(error.stack);
  return exit;
}

/** What helps against a missing permission depends on the credential in use. */
async function advise(report: ErrorReport, error: unknown, context: Context): Promise<ErrorReport> {
  if (report.code !== 'insufficient_scope' && report.code !== 'role_required') return report;
  const { adviseOnRole, adviseOnScope } = await import('./auth/missingPermission.ts');
  const { scope, role } = permissionOf(error);
  if (role !== undefined) return { ...report, ...adviseOnRole(clean(role)) };
  if (scope === undefined) return report;
  const identity = await context.identity();
  const login = identity.source === 'login' ? await (await context.session()).login() : undefined;
  return { ...report, ...adviseOnScope({ scope: clean(scope), identity, login }) };
}

function permissionOf(error: unknown): { scope?: string | undefined; role?: string | undefined } {
  const read = (name: string) => {
    const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  return { scope: read('scope'), role: read('role') };
}

/** A login helps only where the command went that needs it, and only when nothing in the environment wins over it. */
function forSame(step: NextStep, flags: Flags, env: Env): NextStep {
  if (step.command !== LOGIN_STEP.command) return step;
  const winning = ['STAGER_TOKEN', 'STAGER_CLIENT_ID', 'STAGER_CLIENT_SECRET'].filter((name) => env[name]);
  const words = [
    ...(winning.length > 0 ? ['unset', ...winning, '&&'] : []),
    step.command,
    ...flagWords(flags),
  ];
  return { ...step, command: words.join(' ') };
}

/** By its shape: the class lives in a library that is in the bundle only once, but in tests twice. */
function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && String(Reflect.get(error, 'code')).startsWith('commander.');
}

function usageFrom(error: CommanderError, words: readonly string[]): CliError {
  const path = commandPath(words);
  const help = `See: ${['stager', ...path, '--help'].join(' ')}`;
  // Commander's way to say that a group was named without a command of it.
  if (error.code === 'commander.help') return usageError(`stager ${path.join(' ')} needs a command.`, help);
  const message = error.message.replace(/^error: /, '');
  const first = message.replace(/\n.*$/s, '');
  const meant = message
    .slice(first.length)
    .trim()
    .replace(/^\((.*)\)$/, '$1');
  return usageError(first, meant || help);
}

/** The words that name a command, as far as they do; before them may stand values of options. */
function commandPath(words: readonly string[]): string[] {
  const path: string[] = [];
  let level: readonly (CommandSpec | GroupSpec)[] = commands;
  for (const word of words) {
    const spec = level.find(({ name }) => name === word);
    if (!spec) {
      if (path.length > 0) break;
      continue;
    }
    path.push(spec.name);
    level = isGroup(spec) ? spec.commands : [];
  }
  return path;
}
