import type { CommanderError } from 'commander';
import { commands } from './commands/index.ts';
import { createContext } from './context.ts';
import { type CliError, Interrupted, LOGIN_STEP, type NextStep, toFailure, usageError } from './errors.ts';
import { EXIT } from './exit.ts';
import { createIo, type Io, type IoStreams } from './io/io.ts';
import { renderError } from './io/renderError.ts';
import { shellQuote } from './io/text.ts';
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
  let io = createIo(streams, env, argv.includes('--json'));
  let exitCode: number = EXIT.ok;
  let flags: Flags = {};
  const program = createProgram({
    makeContext(parsed) {
      io = createIo(streams, env, parsed.json);
      flags = parsed;
      return createContext({ io, env, signal, argv, flags });
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
      return fail(io, usageFrom(error, words), env, flags);
    }
    const interrupted = signal.aborted && !(error instanceof Interrupted);
    return fail(io, interrupted ? new Interrupted() : error, env, flags);
  }
}

async function fail(io: Io, error: unknown, env: Env, flags: Flags): Promise<number> {
  const failure = await toFailure(error);
  const { exit } = failure;
  const report = { ...failure.report, next: failure.report.next.map((step) => forSame(step, flags, env)) };
  if (io.json) io.emit({ json: () => ({ error: report }), text: () => '' });
  else io.say(renderError(report, io.words));
  if (env['STAGER_DEBUG'] && error instanceof Error) io.say(error.stack);
  return exit;
}

/** A login helps only where the command went that needs it, and only when nothing in the environment wins over it. */
function forSame(step: NextStep, { profile, apiUrl }: Flags, env: Env): NextStep {
  if (step.command !== LOGIN_STEP.command) return step;
  const winning = ['STAGER_TOKEN', 'STAGER_CLIENT_ID', 'STAGER_CLIENT_SECRET'].filter((name) => env[name]);
  const words = [
    ...(winning.length > 0 ? ['unset', ...winning, '&&'] : []),
    step.command,
    ...(profile ? ['--profile', shellQuote(profile)] : []),
    ...(apiUrl ? ['--api-url', shellQuote(apiUrl)] : []),
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
  const names = new Set(commands.map(({ name }) => name));
  const at = words.findIndex((word) => names.has(word));
  const spec = commands.find(({ name }) => name === words[at]);
  if (!spec) return [];
  const inGroup = 'commands' in spec ? spec.commands.find(({ name }) => name === words[at + 1]) : undefined;
  return inGroup ? [spec.name, inGroup.name] : [spec.name];
}
