import type { BrowserSession } from '../../../core/accounts/browserSessions.ts';
import { Html, html } from '../../html.ts';
import { STYLE_PATH } from './style.ts';

/** An armchair, for a product that furnishes rooms. */
const MARK = new Html(
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" ' +
    'stroke-linejoin="round" aria-hidden="true"><path d="M6 11V7a3 3 0 0 1 3-3h6a3 3 0 0 1 3 3v4"/>' +
    '<path d="M3 12.5a2 2 0 0 1 4 0V14h10v-1.5a2 2 0 0 1 4 0V18H3z"/><path d="M6 18v2M18 18v2"/></svg>',
);

const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E' +
  '%3Crect width=%2216%22 height=%2216%22 rx=%224%22 fill=%22%230b6b57%22/%3E%3C/svg%3E';

/** Who looks at a page, and what guards its forms. */
export interface Viewer {
  readonly session: BrowserSession;
  readonly csrf: string;
  /** Names what is sent from this page, so that sending it twice is one act. */
  readonly attempt: string;
}

export interface PageParts {
  readonly title: string;
  readonly body: Html;
  readonly viewer: Viewer | null;
  /** One thing to read or decide, instead of an overview. */
  readonly narrow?: boolean;
  /** Address of the one script that the page has. */
  readonly script?: string;
}

/** A whole document. Nothing is loaded but our own style sheet, and a script where the page waits for something. */
export function page({ title, body, viewer, narrow = true, script }: PageParts): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title} · stager</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${STYLE_PATH}">
${
  script !== undefined &&
  html`<script src="${script}"></script>
`
}</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div>
<a class="brand" href="/billing">${MARK}<span>stager</span></a>
${viewer && who(viewer)}
</div></header>
<main id="main"${narrow && new Html(' class="narrow"')}>
${body}
</main>
</body>
</html>
`.text;
}

function who({ session, csrf }: Viewer): Html {
  return html`<div class="who"><span><b>${session.caller.account.name}</b> · ${session.name}</span>
<form method="post" action="/billing/logout">${csrfField(csrf)}<button class="link" type="submit">Log out</button></form></div>`;
}

export function csrfField(csrf: string): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}">`;
}

export function attemptField(attempt: string): Html {
  return html`<input type="hidden" name="attempt" value="${attempt}">`;
}

const SIGNS = {
  good: new Html('<path d="m5 12.5 4.5 4.5L19 7.5"/>'),
  bad: new Html('<path d="M6.5 6.5 17.5 17.5M17.5 6.5 6.5 17.5"/>'),
  warn: new Html('<path d="M12 6v7.5M12 17.5v.5"/>'),
  wait: new Html('<path d="M12 3a9 9 0 1 1-9 9"/>'),
} as const;
export type Sign = keyof typeof SIGNS;

export function sign(kind: Sign): Html {
  const tone = kind === 'bad' || kind === 'warn' ? ` ${kind}` : '';
  return html`<div class="sign${tone}"><svg${kind === 'wait' && new Html(' class="spin"')} viewBox="0 0 24 24" fill="none"
 stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${SIGNS[kind]}</svg></div>`;
}

export interface Notice {
  readonly sign: Sign;
  readonly title: string;
  /** Paragraphs. */
  readonly text: readonly (string | Html)[];
  readonly actions?: readonly Html[];
}

/** One thing to say, and the ways on. */
export function noticePage(viewer: Viewer | null, { sign: kind, title, text, actions = [] }: Notice): string {
  return page({
    title,
    viewer,
    body: html`<div class="card">${sign(kind)}
<h1>${title}</h1>
${text.map((paragraph) => html`<p>${paragraph}</p>\n`)}
${actions.length > 0 && html`<div class="buttons">${actions}</div>`}</div>`,
  });
}

export function linkButton(href: string, text: string, primary = false): Html {
  return html`<a class="${primary ? 'button primary' : 'button'}" href="${href}">${text}</a>`;
}

export interface PostButton {
  readonly action: string;
  readonly text: string;
  readonly viewer: Viewer;
  readonly look?: 'primary' | 'primary wide' | 'danger' | 'wide' | '';
}

/** A form that is one button. */
export function postButton({ action, text, viewer, look = '' }: PostButton): Html {
  return html`<form method="post" action="${action}">${csrfField(viewer.csrf)}${attemptField(viewer.attempt)}<button class="${`button ${look}`.trim()}"
 type="submit">${text}</button></form>`;
}
