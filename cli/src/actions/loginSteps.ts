import { setTimeout as delay } from 'node:timers/promises';
import { askOnce, type DeviceCode, ranOut, startDeviceLogin } from '../auth/deviceLogin.ts';
import { nextPace, pauseOf } from '../auth/devicePoll.ts';
import { withFileLock } from '../auth/lock.ts';
import { type PendingLogin, readPending, setPending } from '../auth/pendingLogins.ts';
import type { Context } from '../context.ts';
import { CliError, Interrupted, type NextStep } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Rendered } from '../io/io.ts';
import { flagWords } from '../io/text.ts';
import { pendingLoginsFile } from '../settings/paths.ts';
import { describeCode, scopesToAskFor } from './login.ts';
import { describeLogin, keepLogin, keyOf, prepareToKeep, sayWhatWins } from './loginResult.ts';

/** The first step of a login without waiting: gets a code, keeps its secret half, and says what to do with the other. */
export async function startLogin(context: Context, wanted: readonly string[]): Promise<Rendered> {
  const { signal } = context;
  await prepareToKeep(context);
  const config = await (await context.anonymous()).authConfig();
  const scopes = scopesToAskFor(config, wanted);
  const started = await startDeviceLogin({ config, scopes, fetch: await context.fetch(), signal });
  const now = Date.now();
  const expiresAt = now + started.code.expiresIn * 1000;
  const askAgainAt = now + pauseOf(started.pace) * 1000;
  const file = pendingLoginsFile(context.configDir);
  const key = await keyOf(context);
  await withFileLock(file, () => setPending(file, key, { ...started, expiresAt, askAgainAt }, now));
  return describeStarted(started.code, expiresAt, completeStep(context));
}

function describeStarted(code: DeviceCode, expiresAt: number, next: NextStep): Rendered {
  return {
    json: () => ({ type: 'code', ...code, expiresAt: new Date(expiresAt).toISOString(), next: [next] }),
    text: (view) =>
      [
        'Open this address in a browser, here or on another device:',
        describeCode(code).text(view),
        '',
        `within ${Math.round(code.expiresIn / 60)} minutes. Then`,
        '',
        `  ${view.style.bold(next.command)}`,
      ].join('\n'),
  };
}

/** The second step. @returns exit code 8 while nobody has decided */
export async function completeLogin(
  context: Context,
  { wait }: { readonly wait: boolean },
): Promise<ExitCode> {
  const { io, signal } = context;
  for (;;) {
    const file = pendingLoginsFile(context.configDir);
    const step = await withFileLock(file, () => ask(context, file, wait));
    if ('wanted' in step) {
      io.print(await describeLogin(context, step.wanted));
      await sayWhatWins(context);
      return EXIT.ok;
    }
    const pause = Math.max(0, step.askAgainAt - Date.now());
    if (!wait) {
      io.print(describePending(step, pause, completeStep(context)));
      return EXIT.pending;
    }
    await delay(pause, undefined, { signal }).catch(() => {
      throw new Interrupted(completeStep(context));
    });
  }
}

/** Asks the issuer, unless it wants to be left alone, and keeps what it says. */
async function ask(
  context: Context,
  file: string,
  patient: boolean,
): Promise<{ readonly wanted: readonly string[] } | PendingLogin> {
  const { signal } = context;
  const key = await keyOf(context);
  const pending = await readPending(file, key);
  if (!pending) throw notStarted(context);
  const now = Date.now();
  if (now < pending.expiresAt && now < pending.askAgainAt) return pending;
  try {
    if (now >= pending.expiresAt) throw ranOut();
    const answer = await askOnce(pending, { fetch: await context.fetch(), signal });
    if (!answer.login) {
      const { pace, pauseSeconds } = answer;
      const later = { ...pending, pace, askAgainAt: Date.now() + pauseSeconds * 1000 };
      await setPending(file, key, later, now);
      return later;
    }
    await keepLogin(context, answer.login);
  } catch (error) {
    const passing = error instanceof CliError && error.code === 'issuer_unavailable';
    if (passing && patient) {
      const pace = nextPace(pending.pace, 'transient');
      const later = { ...pending, pace, askAgainAt: Date.now() + pauseOf(pace) * 1000 };
      await setPending(file, key, later, now);
      return later;
    }
    // A code that was decided on is of no more use; one that could not be asked about is.
    if (!passing && !signal.aborted) await setPending(file, key, undefined, now);
    throw error;
  }
  await setPending(file, key, undefined, now);
  // Those of OpenID Connect are the first two, and no scopes of the API.
  return { wanted: pending.asked.split(' ').slice(2) };
}

function describePending({ code, expiresAt }: PendingLogin, pauseMs: number, next: NextStep): Rendered {
  const retryAfter = Math.max(1, Math.ceil(pauseMs / 1000));
  return {
    json: () => ({
      type: 'pending',
      ...code,
      expiresAt: new Date(expiresAt).toISOString(),
      retryAfter,
      next: [next],
    }),
    text: (view) =>
      `Nobody has approved the login yet. Open\n${describeCode(code).text(view)}\n\nand ask again, not before ${retryAfter} s:\n\n  ${view.style.bold(next.command)}`,
  };
}

const completeStep = ({ flags }: Context): NextStep => ({
  command: ['stager login --complete', ...flagWords(flags)].join(' '),
  when: 'when the code was approved',
});

function notStarted({ flags }: Context): CliError {
  const command = ['stager login --start', ...flagWords(flags)].join(' ');
  return new CliError('There is no login waiting to be completed.', {
    code: 'login_not_started',
    exit: EXIT.auth,
    hint: 'It was completed, it expired, or it was started for another API or profile.',
    next: [{ command, when: 'to start one' }],
  });
}
