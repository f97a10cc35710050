import { setTimeout as delay } from 'node:timers/promises';
import { Billing, type BillingStatus, type PaidPlanId } from '@stager/sdk';
import type { Context } from '../context.ts';
import { Interrupted } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { openPage } from '../io/openPage.ts';
import { startSpinner } from '../io/spinner.ts';
import { day, renderBilling } from './billing.ts';

interface BuyOptions {
  readonly plan: PaidPlanId;
  /** Until the plan is in force. */
  readonly wait: boolean;
  readonly browser: boolean;
}

const LOOK_EVERY_MS = 2_000;
/** Behind the end of the link: who has begun to pay is let finish. */
const PATIENCE_MS = 10 * 60_000;

/** Prints and opens a link, and waits until what it sells is there. Under `--json` each step is one line. */
export async function buyPlan(context: Context, { plan, wait, browser }: BuyOptions): Promise<ExitCode> {
  const { io, signal } = context;
  const billing = new Billing(await context.stager());
  const before = await billing.status({ signal });
  if (stateOf(before, plan) !== undefined) {
    conclude(context, before, plan);
    return EXIT.ok;
  }
  const link = await billing.checkout(plan, { signal });
  if (!wait) {
    if (browser) openPage(context, link.url);
    io.print({ json: () => ({ plan, ...link }), text: () => clean(link.url) });
    return EXIT.ok;
  }
  if (io.json) io.emit({ json: () => ({ type: 'link', plan, ...link }), text: () => '' });
  const opened = browser && openPage(context, link.url);
  io.say(
    opened
      ? 'Opening the page in your browser. If it does not come up, open'
      : 'Open this address in a browser, here or on another device:',
  );
  io.say(`\n  ${io.words.style.cyan(clean(link.url))}\n`);
  const stopWaiting = startSpinner(io, `Waiting until ${plan} is in force`);
  const after = await waitFor(context, billing, plan, Date.parse(link.expiresAt) + PATIENCE_MS).finally(
    stopWaiting,
  );
  if (!after) {
    if (io.json) io.emit({ json: () => ({ type: 'pending', plan }), text: () => '' });
    io.say(
      `Nobody has bought ${plan} by that link, and it has ended. stager billing status shows what is in force.`,
    );
    return EXIT.pending;
  }
  conclude(context, after, plan);
  return EXIT.ok;
}

/** @returns undefined when it is not in force by then @throws Interrupted on Ctrl-C: the link stays good */
async function waitFor(
  context: Context,
  billing: Billing,
  plan: PaidPlanId,
  until: number,
): Promise<BillingStatus | undefined> {
  const { signal } = context;
  const { StagerError } = await import('@stager/sdk');
  while (Date.now() < until) {
    try {
      await delay(LOOK_EVERY_MS, undefined, { signal });
      const state = await billing.status({ signal });
      if (stateOf(state, plan) !== undefined) return state;
    } catch (error) {
      if (signal.aborted) {
        throw new Interrupted({
          command: 'stager billing status',
          when: 'to see whether the plan is in force',
        });
      }
      // The page is open and somebody may be paying: an outage does not end the wait.
      if (!(StagerError.isInstance(error) && error.retryable)) throw error;
    }
  }
  return undefined;
}

/** Whether the plan is in force, or begins with the next period; undefined: neither. */
function stateOf(
  { plan, subscription }: BillingStatus,
  wanted: PaidPlanId,
): 'active' | 'scheduled' | undefined {
  if (subscription?.nextPlan === wanted) return 'scheduled';
  if (plan.id !== wanted || subscription?.cancelAtPeriodEnd) return undefined;
  // A change to a smaller one waits, and is to be given up.
  return subscription?.nextPlan ? undefined : 'active';
}

function conclude({ io }: Context, state: BillingStatus, plan: PaidPlanId): void {
  const type = stateOf(state, plan) ?? 'active';
  const when =
    type === 'scheduled'
      ? `begins ${day(state.subscription?.period.end ?? state.period.end)}`
      : 'is in force';
  const result: Rendered = {
    json: () => ({ type, plan, billing: state }),
    text: (view) => `${view.style.green('✓')} ${plan} ${when}.\n\n${renderBilling(state, view)}`,
  };
  io.emit(result);
}

export async function openPortal(context: Context, browser: boolean): Promise<Rendered> {
  const { url } = await new Billing(await context.stager()).portal({ signal: context.signal });
  const opened = browser && openPage(context, url);
  return {
    json: () => ({ url, opened }),
    text: ({ style }) => `${clean(url)}${opened ? style.dim('  opened in the browser') : ''}`,
  };
}
