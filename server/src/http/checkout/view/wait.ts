import { hash } from 'node:crypto';
import type { Plan } from '../../../contract/index.ts';
import { html } from '../../html.ts';
import { linkButton, page, type Viewer } from './layout.ts';

export interface WaitView {
  readonly viewer: Viewer;
  readonly accountName: string;
  readonly plan: Plan;
  readonly words: string;
  /** Whether the page does not look by itself any more. */
  readonly given: boolean;
  readonly script: boolean;
  readonly again: string;
}

/** While Stripe has not told us yet. What is said in it changes, and is read out when it does. */
export function waitPage({ viewer, accountName, plan, words, given, script, again }: WaitView): string {
  return page({
    title: `Waiting for ${plan.name}`,
    viewer,
    ...(script ? { script: WAIT_SCRIPT_PATH } : {}),
    body: html`<div class="card"><h1>${given ? 'This takes unusually long' : 'One moment, please'}</h1>
<p class="lead">Account <strong>${accountName}</strong></p>
<p role="status">${words}</p>
${!given && html`<div aria-busy="true" aria-hidden="true"><span class="bone big"></span><span class="bone"></span><span class="bone short"></span></div>`}
${
  given &&
  html`<p>Your terminal may show it first: <code>stager billing status</code>. If nothing has changed in an hour, write to support
and name the account <code>${viewer.session.caller.accountId}</code>. Please do not pay again.</p>`
}
<div class="buttons">${linkButton(again, 'Look again', given)}${given && linkButton('/billing', 'Plan and usage')}</div></div>`,
  });
}

export function waitWords(
  plan: Plan,
  { long, given }: { readonly long: boolean; readonly given: boolean },
): string {
  if (given)
    return `Stripe has not yet told us of your payment for ${plan.name}. It will, and your plan begins then by itself.`;
  if (long)
    return `Stripe takes a little longer than usual. You need not stay: ${plan.name} begins by itself.`;
  return `We are waiting for Stripe to confirm the payment for ${plan.name}. This page looks by itself.`;
}

/** Where a page that stays asks how it is. */
export const STATE_PATH = '/billing/state';

/**
 * Before anything is shown it goes over to the form of the page that does not come again by itself, then asks, and
 * leaves when there is another page to see. When it gets no answer that it understands, as behind the end of the
 * session, the page comes anew: that finds out why.
 */
export const WAIT_SCRIPT = `'use strict';
(() => {
  const page = new URL(location.href);
  if (!page.searchParams.has('live')) {
    page.searchParams.set('live', '1');
    location.replace(page);
    return;
  }
  const plan = page.searchParams.get('plan');
  const leave = (look) => location.replace('/billing/success?' + new URLSearchParams({ plan, live: '1', look }));
  let look = Number(page.searchParams.get('look')) || 0;
  let failures = 0;
  const ask = async () => {
    const query = new URLSearchParams({ plan, look: String(look) });
    const answer = await fetch('${STATE_PATH}?' + query, { redirect: 'error', cache: 'no-store' });
    const { done, words, seconds } = await answer.json();
    if (done) return leave(look);
    failures = 0;
    look += 1;
    const status = document.querySelector('[role=status]');
    if (status.textContent !== words) status.textContent = words;
    setTimeout(next, seconds * 1000);
  };
  const next = () => ask().catch(() => {
    failures += 1;
    if (failures > 3) leave(look + 1);
    else setTimeout(next, failures * 3000);
  });
  addEventListener('DOMContentLoaded', () => setTimeout(next, 1000));
})();
`;

export const WAIT_SCRIPT_PATH = `/billing/wait-${hash('sha256', WAIT_SCRIPT, 'hex').slice(0, 16)}.js`;
