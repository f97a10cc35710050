import { DataInUse } from './lock.ts';
import { readOptions, USAGE, UsageError } from './options.ts';
import { PortTaken } from './ports.ts';
import { DataUnusable, openStack, type Stack, type StackFacts, StackStopped } from './stack.ts';

const EXIT_USAGE = 2;
const EXIT_FAILED = 1;
const EXIT_INTERRUPTED = 130;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * A terminal that is closed says so (SIGHUP), and takes no words from then on: what fails to be written must not end
 * this process before it has stopped the others.
 */
function outliveTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** Whatever ends this process, the database does not outlive it: nobody would know of it. */
function stopOnFailure(stack: Stack): void {
  const fail = (error: unknown) => {
    process.stderr.write(`Unhandled: ${error instanceof Error ? error.stack : String(error)}\n`);
    stack.kill();
    process.exit(EXIT_FAILED);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
}

/** Ctrl-C comes twice when a terminal tells the whole group and a launcher passes it on. */
const SAME_SIGNAL_MS = 500;

/** Stops in order on the first signal, at once on the second. A start that is cut short counts as interrupted. */
function stopOnSignals(stack: Stack): void {
  let asked: { signal: string; at: number } | undefined;
  let ready = false;
  stack.ready.then(
    () => {
      ready = true;
    },
    () => undefined,
  );
  const stop = (signal: string) => {
    if (asked) {
      if (signal === asked.signal && performance.now() - asked.at < SAME_SIGNAL_MS) return;
      stack.kill();
      process.exit(EXIT_INTERRUPTED);
    }
    asked = { signal, at: performance.now() };
    if (process.stdout.isTTY && signal === 'SIGINT') say('');
    say('Stopping…');
    stack.stop().then(
      () => {
        say('Stopped.');
        process.exit(ready ? 0 : EXIT_INTERRUPTED);
      },
      (error: unknown) => {
        process.stderr.write(`Stopping failed: ${error instanceof Error ? error.message : error}\n`);
        process.exit(EXIT_FAILED);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  if (process.connected) process.once('disconnect', () => stop('disconnect'));
}

function announce(stack: StackFacts): void {
  say(`stager is ready in ${(stack.startedInMs / 1000).toFixed(1)} s.

  API       ${stack.apiUrl}
  Login     ${stack.issuer}   users demo and other${stack.autoApprove ? ', approved without asking' : ''}
  Payments  ${stack.payments}   test cards; npm run stripe pulls its strings
  Data      ${stack.dataDir}

In a second terminal, from any folder:

  export PATH="${stack.binDir}:$PATH"${stack.profileInUse ? '' : ' STAGER_PROFILE=local'}
  stager login
  stager upload PHOTOS --wait --out staged

Ctrl-C stops everything.`);
}

async function main(): Promise<void> {
  outliveTerminal();
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    say(USAGE);
    return;
  }
  const stack = openStack(options, say);
  stopOnSignals(stack);
  stopOnFailure(stack);
  const facts = await stack.ready;
  announce(facts);
  process.send?.({ type: 'ready', apiUrl: facts.apiUrl, issuer: facts.issuer, env: facts.env });
}

main().catch((error: unknown) => {
  // Whoever asked for the stop says so and exits.
  if (error instanceof StackStopped) return;
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    process.exit(EXIT_USAGE);
  }
  const expected = error instanceof DataInUse || error instanceof PortTaken || error instanceof DataUnusable;
  const text =
    error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(EXIT_FAILED);
});
