import { DataInUse } from './lock.ts';
import { readOptions, USAGE, UsageError } from './options.ts';
import { PortTaken } from './ports.ts';
import { type Stack, startStack } from './stack.ts';

const EXIT_USAGE = 2;
const EXIT_FAILED = 1;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Stops in order on the first signal, at once on the second. */
function stopOnSignals(stack: Stack): void {
  let asked = false;
  const stop = (signal: string) => {
    if (asked) {
      stack.kill();
      process.exit(130);
    }
    asked = true;
    if (process.stdout.isTTY && signal === 'SIGINT') say('');
    say('Stopping…');
    stack.stop().then(
      () => {
        say('Stopped.');
        process.exit(0);
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

function announce(stack: Stack): void {
  say(`stager is ready in ${(stack.startedInMs / 1000).toFixed(1)} s.

  API     ${stack.apiUrl}
  Login   ${stack.issuer}   users demo and other${stack.autoApprove ? ', approved without asking' : ''}
  Data    ${stack.dataDir}

In a second terminal, from any folder:

  export PATH="${stack.binDir}:$PATH"${stack.profileInUse ? '' : ' STAGER_PROFILE=local'}
  stager login
  stager upload PHOTOS --wait --out staged

Ctrl-C stops everything.`);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    say(USAGE);
    return;
  }
  const stack = await startStack(options, say);
  stopOnSignals(stack);
  announce(stack);
  process.send?.({ type: 'ready', apiUrl: stack.apiUrl, issuer: stack.issuer, env: stack.env });
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    process.exit(EXIT_USAGE);
  }
  const expected = error instanceof DataInUse || error instanceof PortTaken;
  const text =
    error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(EXIT_FAILED);
});
