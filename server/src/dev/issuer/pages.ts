import { Html, html } from '../../http/html.ts';
import { page } from './layout.ts';
import type { IssuerUser } from './options.ts';

export interface ApprovalView {
  /** Where the form is posted to. */
  readonly action: string;
  /** The form's CSRF token. */
  readonly xsrf: string;
  readonly clientName: string;
  /** The code to compare with the terminal's; absent for a login in the browser. */
  readonly userCode?: string;
  readonly users: readonly IssuerUser[];
  /** The user who is preselected, by id. */
  readonly selected: string;
  readonly scopes: readonly { readonly name: string; readonly text: string }[];
  readonly api: string | undefined;
}

/** Who are you, and may this client act for you: one form for a device code and for a login in the browser. */
export function approvalPage(view: ApprovalView): string {
  const device = view.userCode !== undefined;
  return page({
    title: device ? 'Approve a device' : 'Log in',
    footer: view.api === undefined ? undefined : `API at ${view.api}`,
    body: html`
<h1>${device ? html`Let ${view.clientName} use your account?` : html`Log in to ${view.clientName}`}</h1>
${
  device
    ? html`<p>Approve only if you have just started this login yourself, and if the code is the one that your
terminal shows.</p>
<strong class="code">${view.userCode}</strong>`
    : html`<p>Choose a person. The local issuer has no passwords.</p>`
}
<form method="post" action="${view.action}">
<input type="hidden" name="xsrf" value="${view.xsrf}">
${device && html`<input type="hidden" name="user_code" value="${view.userCode}">`}
<fieldset>
<legend>Continue as</legend>
<div class="people">
${view.users.map((user) => userChoice(user, user.id === view.selected))}
</div>
</fieldset>
${scopeList(view)}
<div class="actions">
<button class="primary" type="submit" name="decision" value="approve">${device ? 'Approve' : 'Log in'}</button>
<button type="submit" name="decision" value="deny">${device ? 'Deny' : 'Cancel'}</button>
</div>
</form>`,
  });
}

function userChoice(user: IssuerUser, checked: boolean): Html {
  return html`<label class="who"><input type="radio" name="user" value="${user.id}" required${
    checked && new Html(' checked')
  }><span><b>${user.name}</b><i>${user.email}</i></span></label>
`;
}

function scopeList(view: ApprovalView): Html | false {
  if (view.scopes.length === 0) return false;
  const items = view.scopes.map(({ name, text }) =>
    text === '' ? html`<li>${name}</li>` : html`<li>${text} <code>${name}</code></li>`,
  );
  return html`<h2 id="asks">${view.clientName} will be able to</h2>
<ul aria-labelledby="asks">${items}</ul>`;
}

/** Type the code that the terminal shows. A plain GET: it changes nothing. */
export function codeEntryPage(action: string, error?: string, code = ''): string {
  return page({
    title: 'Connect a device',
    body: html`
<h1>Connect a device</h1>
<p>Type the code that your terminal shows.</p>
${error !== undefined && html`<p class="error" role="alert" id="why">${error}</p>`}
<form method="get" action="${action}">
<label class="field" for="code">Code</label>
<input type="text" id="code" name="user_code" value="${code}" placeholder="XXXX-XXXX" required autofocus
 autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20"${
   error !== undefined && new Html(' aria-invalid="true" aria-describedby="why"')
 }>
<div class="actions"><button class="primary" type="submit">Continue</button></div>
</form>`,
  });
}

export interface ResultView {
  readonly good: boolean;
  readonly title: string;
  readonly text: string;
}

const TICK = new Html('<path d="m5 12.5 4.5 4.5L19 7.5"/>');
const CROSS = new Html('<path d="M6.5 6.5 17.5 17.5M17.5 6.5 6.5 17.5"/>');

export function resultPage(view: ResultView): string {
  return page({
    title: view.title,
    body: html`
<div class="${view.good ? 'sign' : 'sign no'}"><svg viewBox="0 0 24 24" fill="none" stroke="currentColor"
 stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${view.good ? TICK : CROSS}</svg></div>
<h1>${view.title}</h1>
<p>${view.text}</p>`,
  });
}

/** The provider's form holds the CSRF field and nothing else; the buttons belong to it by its id. */
export function logoutPage(clientName: string | undefined, providerForm: string): string {
  return page({
    title: 'Log out',
    body: html`
<h1>Log out${clientName !== undefined && html` of ${clientName}`}?</h1>
<p>This ends your session in this browser. Terminals stay logged in; <strong>stager logout</strong> ends theirs.</p>
${new Html(providerForm)}
<div class="actions">
<button class="primary" type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Log out</button>
<button type="submit" form="op.logoutForm">Stay</button>
</div>`,
  });
}
