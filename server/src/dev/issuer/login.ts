import type { Context, Middleware } from 'koa';
import type { Interaction } from 'oidc-provider';
import { clientName, describeScopes, findUser, type IssuerContext, saveGrant } from './approval.ts';
import { FormRefused, readForm, sendPage } from './guard.ts';
import { subjectOf } from './options.ts';
import { approvalPage } from './pages.ts';

const LOGIN_PATH = /^\/login\/[\w-]+$/;

export function loginPath(uid: string): string {
  return `/login/${uid}`;
}

/** The page that the provider sends a browser to in the code flow; one form answers login and consent. */
export function loginRoutes(context: IssuerContext): Middleware {
  return async (ctx, next) => {
    if (!LOGIN_PATH.test(ctx.path)) return next();
    const interaction = await currentInteraction(context, ctx);
    if (ctx.method === 'POST') return answerLogin(context, ctx, interaction);
    showLogin(context, ctx, interaction);
  };
}

async function currentInteraction({ provider }: IssuerContext, ctx: Context): Promise<Interaction> {
  try {
    return await provider.interactionDetails(ctx.req, ctx.res);
  } catch (cause) {
    throw new FormRefused('This login has expired or was finished. Start it again.', { cause });
  }
}

function showLogin(context: IssuerContext, ctx: Context, interaction: Interaction): void {
  const { options, forms } = context;
  const current = options.users.find((user) => subjectOf(user) === interaction.session?.accountId);
  const page = approvalPage({
    action: loginPath(interaction.uid),
    xsrf: forms.token(ctx, formName(interaction)),
    clientName: clientName(options, clientIdOf(interaction)),
    users: options.users,
    selected: (current ?? options.users[0])?.id ?? '',
    scopes: describeScopes(options, interaction.params['scope']),
    api: options.apiBaseUrl,
  });
  // The answer to the form redirects to the client, and form-action is enforced on redirects too.
  sendPage(ctx, page, redirectOrigins(context, clientIdOf(interaction)));
}

async function answerLogin(context: IssuerContext, ctx: Context, interaction: Interaction): Promise<void> {
  const { provider, options, forms } = context;
  const form = await readForm(ctx);
  forms.check(ctx, formName(interaction), form.get('xsrf') ?? undefined);
  if (form.get('decision') === 'deny') {
    const denied = { error: 'access_denied', error_description: 'The person canceled the login' };
    return seeOther(ctx, await provider.interactionResult(ctx.req, ctx.res, denied));
  }
  const user = findUser(options, form.get('user'));
  if (form.get('decision') !== 'approve' || user === undefined) throw new FormRefused('Choose a person.');
  const clientId = clientIdOf(interaction);
  const { grantId } = await saveGrant(context, clientId, user, interaction.params['scope']);
  const result = { login: { accountId: subjectOf(user) }, consent: { grantId } };
  seeOther(ctx, await provider.interactionResult(ctx.req, ctx.res, result));
  options.log(`issuer: ${user.id} logged in to ${clientId}`);
}

function seeOther(ctx: Context, to: string): void {
  ctx.status = 303;
  ctx.redirect(to);
}

function redirectOrigins({ options }: IssuerContext, clientId: string): string[] {
  const client = options.clients.find(({ id }) => id === clientId);
  return client?.kind === 'web' ? [...new Set(client.redirectUris.map((uri) => new URL(uri).origin))] : [];
}

function clientIdOf(interaction: Interaction): string {
  return String(interaction.params['client_id']);
}

function formName(interaction: Interaction): string {
  return `login:${interaction.uid}`;
}
