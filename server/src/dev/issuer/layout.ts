import { createHash } from 'node:crypto';
import { Html, html } from '../../http/html.ts';

const STYLE = `
:root { color-scheme: light dark;
  --bg: light-dark(#f3f1ec, #14161a); --card: light-dark(#ffffff, #1d2026); --line: light-dark(#dcd8cf, #353a44);
  --text: light-dark(#1d1f23, #eceef1); --soft: light-dark(#5b6069, #a6adb8); --accent: light-dark(#0b6b57, #4fc3a4);
  --on-accent: light-dark(#ffffff, #08241d); --tint: light-dark(#e8f3ef, #1b2f2a);
  --bad: light-dark(#a8261c, #ff9d92); --bad-tint: light-dark(#fbeae8, #3a2220); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; min-height: 100svh; display: grid; place-items: center; padding: 24px 16px;
  background: var(--bg); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { width: 100%; max-width: 480px; background: var(--card); border: 1px solid var(--line); border-radius: 16px;
  padding: 32px; box-shadow: 0 1px 2px rgb(0 0 0 / .05), 0 12px 32px rgb(0 0 0 / .07); }
@media (max-width: 480px) { main { padding: 24px 20px; } }
.brand { display: flex; align-items: center; gap: 10px; margin: 0 0 20px; color: var(--text); font-weight: 650; letter-spacing: -.01em; }
.brand svg { width: 28px; height: 28px; flex: none; color: var(--accent); }
.brand small { margin-left: auto; font-weight: 500; font-size: 12px; letter-spacing: 0; color: var(--soft);
  border: 1px solid var(--line); border-radius: 99px; padding: 2px 10px; }
h1 { font-size: 22px; line-height: 1.3; letter-spacing: -.015em; margin: 0 0 8px; text-wrap: balance; }
h2, legend { font-size: 13px; font-weight: 600; color: var(--soft); margin: 0 0 8px; padding: 0; }
p { margin: 0 0 16px; color: var(--soft); } p strong { color: var(--text); font-weight: 600; }
.code { display: block; margin: 16px 0 20px; padding: 12px; border-radius: 12px; background: var(--tint); color: var(--text);
  text-align: center; font: 600 26px/1.2 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; letter-spacing: .12em; }
fieldset { border: 0; margin: 0 0 20px; padding: 0; min-width: 0; }
.people { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 8px; }
.who { display: flex; align-items: center; gap: 12px; padding: 10px 14px; border: 1px solid var(--line); border-radius: 12px;
  cursor: pointer; }
.who:hover { border-color: var(--soft); } .who:has(:checked) { border-color: var(--accent); background: var(--tint); }
.who:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.who input { accent-color: var(--accent); width: 18px; height: 18px; margin: 0; flex: none; outline: none; }
.who b { display: block; font-weight: 600; line-height: 1.3; } .who span { min-width: 0; overflow-wrap: anywhere; }
.who i { font-style: normal; font-size: 14px; color: var(--soft); }
ul { list-style: none; margin: 0 0 24px; padding: 0; border: 1px solid var(--line); border-radius: 12px; }
li { padding: 7px 14px 7px 38px; position: relative; font-size: 14px; overflow-wrap: anywhere; }
li + li { border-top: 1px solid var(--line); }
li::before { content: ""; position: absolute; left: 15px; top: 12px; width: 11px; height: 6px; transform: rotate(-45deg);
  border: solid var(--accent); border-width: 0 0 2px 2px; }
li code { font: 12px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--soft); }
label.field { display: block; font-weight: 600; margin-bottom: 6px; }
input[type=text] { width: 100%; padding: 13px 14px; font: 600 22px/1.2 ui-monospace, Menlo, Consolas, monospace;
  letter-spacing: .1em; text-transform: uppercase; text-align: center; color: inherit; background: transparent;
  border: 1px solid var(--soft); border-radius: 12px; margin: 0 0 16px; }
input[type=text]::placeholder { color: var(--soft); opacity: .6; }
/* In reach however long the list above it is. */
.actions { display: flex; flex-direction: row-reverse; gap: 10px; position: sticky; bottom: 0; padding: 10px 0;
  margin: -10px 0; background: var(--card); }
button { flex: 1; padding: 13px 18px; font: inherit; font-weight: 600; border-radius: 12px; cursor: pointer;
  border: 1px solid var(--line); background: transparent; color: var(--text); }
button:hover { border-color: var(--soft); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); flex: 2; }
button.primary:hover { filter: brightness(1.08); }
:is(button, input[type=text], a):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.error { background: var(--bad-tint); color: var(--bad); border-radius: 12px; padding: 12px 14px; margin: 0 0 16px; font-size: 15px; }
.sign { width: 52px; height: 52px; border-radius: 50%; display: grid; place-items: center; margin: 0 0 16px;
  background: var(--tint); color: var(--accent); } .sign.no { background: var(--bad-tint); color: var(--bad); }
.sign svg { width: 26px; height: 26px; }
footer { margin-top: 24px; padding-top: 16px; border-top: 1px solid var(--line); font-size: 13px; color: var(--soft); overflow-wrap: anywhere; }
`;

/** For the Content-Security-Policy: the one inline style that pages have. */
export const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** An armchair, for a product that furnishes rooms. */
const MARK = new Html(
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" ' +
    'stroke-linejoin="round" aria-hidden="true"><path d="M6 11V7a3 3 0 0 1 3-3h6a3 3 0 0 1 3 3v4"/>' +
    '<path d="M3 12.5a2 2 0 0 1 4 0V14h10v-1.5a2 2 0 0 1 4 0V18H3z"/><path d="M6 18v2M18 18v2"/></svg>',
);

const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E' +
  '%3Crect width=%2216%22 height=%2216%22 rx=%224%22 fill=%22%230b6b57%22/%3E%3C/svg%3E';

export interface PageParts {
  readonly title: string;
  readonly body: Html;
  /** Shown below a line, for where one is. */
  readonly footer?: string | undefined;
}

/** A whole document: no script, nothing loaded from anywhere. */
export function page(parts: PageParts): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${parts.title} · stager</title>
<link rel="icon" href="${ICON}">
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<p class="brand">${MARK}<span>stager</span><small>local issuer</small></p>
${parts.body}
${parts.footer !== undefined && html`<footer>${parts.footer}</footer>`}
</main>
</body>
</html>
`.text;
}
