import type { Context, Middleware } from 'koa';
import type { DeviceCode } from 'oidc-provider';
import {
  approveDevice,
  clientName,
  denyDevice,
  describeScopes,
  findUser,
  type IssuerContext,
} from './approval.ts';
import { FormRefused, readForm, sendPage } from './guard.ts';
import { approvalPage, codeEntryPage, resultPage } from './pages.ts';

/** Auth0's path of the page that a device code leads to. */
export const DEVICE_PATH = '/activate';

/** Either a code that waits for an answer, or why there is none. */
type Lookup = { readonly code: DeviceCode; readonly clientId: string } | { readonly problem: string };

/** Our own page for device codes; the provider's needs a script and has no choice of users. */
export function deviceRoutes(context: IssuerContext): Middleware {
  return async (ctx, next) => {
    // Below the page the provider has a route for its own pages, which nothing leads to.
    if (ctx.path.startsWith(`${DEVICE_PATH}/`)) return;
    if (ctx.path !== DEVICE_PATH) return next();
    if (ctx.method === 'GET' || ctx.method === 'HEAD') return showDevice(context, ctx);
    if (ctx.method === 'POST') return answerDevice(context, ctx);
    ctx.status = 405;
    ctx.set('allow', 'GET, POST');
  };
}

async function showDevice(context: IssuerContext, ctx: Context): Promise<void> {
  const typed = ctx.URL.searchParams.get('user_code') ?? '';
  if (typed === '') return sendPage(ctx, codeEntryPage(DEVICE_PATH));
  const found = await lookUp(context, typed);
  if ('problem' in found) return askAgain(ctx, found.problem, typed);
  const { code, clientId } = found;
  sendPage(
    ctx,
    approvalPage({
      action: DEVICE_PATH,
      xsrf: context.forms.token(ctx, formName(code.userCode)),
      clientName: clientName(context.options, clientId),
      userCode: displayCode(code.userCode),
      users: context.options.users,
      selected: context.options.users[0]?.id ?? '',
      scopes: describeScopes(context.options, code.params?.['scope']),
      api: context.options.apiBaseUrl,
    }),
  );
}

async function answerDevice(context: IssuerContext, ctx: Context): Promise<void> {
  const form = await readForm(ctx);
  const typed = form.get('user_code') ?? '';
  context.forms.check(ctx, formName(normalizeCode(typed)), form.get('xsrf') ?? undefined);
  const found = await lookUp(context, typed);
  if ('problem' in found) return askAgain(ctx, found.problem, typed);
  const { code, clientId } = found;
  if (form.get('decision') === 'deny') {
    await denyDevice(context, code, clientId);
    return sendPage(ctx, DENIED);
  }
  const user = findUser(context.options, form.get('user'));
  if (form.get('decision') !== 'approve' || user === undefined) {
    throw new FormRefused('Choose a person, then Approve or Deny.');
  }
  await approveDevice(context, code, clientId, user);
  const name = clientName(context.options, clientId);
  sendPage(
    ctx,
    resultPage({
      good: true,
      title: `${name} is connected`,
      text: `It acts as ${user.name} now. Close this window and go back to your terminal.`,
    }),
  );
}

const DENIED = resultPage({
  good: false,
  title: 'Request denied',
  text: 'Nothing was given away. Close this window; the terminal says so too.',
});

function askAgain(ctx: Context, problem: string, typed: string): void {
  ctx.status = 400;
  sendPage(ctx, codeEntryPage(DEVICE_PATH, problem, typed.slice(0, 20)));
}

async function lookUp({ provider }: IssuerContext, typed: string): Promise<Lookup> {
  const code = await provider.DeviceCode.findByUserCode(normalizeCode(typed), { ignoreExpiration: true });
  if (code?.clientId === undefined)
    return { problem: 'There is no such code. Compare it with your terminal.' };
  if (code.accountId !== undefined || code.error !== undefined) {
    return { problem: 'This code was answered already. Start the login again for a new one.' };
  }
  if (code.isExpired) return { problem: 'This code has expired. Start the login again for a new one.' };
  return { code, clientId: code.clientId };
}

/** As people type it: any case, with or without the dash (RFC 8628 section 6.1). */
export function normalizeCode(typed: string): string {
  return typed.toUpperCase().replace(/\W/g, '');
}

function displayCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** The CSRF field holds for one code only. */
function formName(code: string): string {
  return `device:${code}`;
}
