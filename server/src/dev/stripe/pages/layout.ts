import { createHash } from 'node:crypto';
import { Html, html } from '../../../http/html.ts';

const STYLE = `
:root { color-scheme: light dark;
  --bg: light-dark(#f4f4f7, #15161c); --card: light-dark(#ffffff, #1e2028); --line: light-dark(#d9dae2, #383b47);
  --text: light-dark(#1c1d25, #edeef3); --soft: light-dark(#5a5d6b, #a8abb9); --accent: light-dark(#4a3fd1, #a39bff);
  --on-accent: light-dark(#ffffff, #17133d); --tint: light-dark(#eeedfb, #27253f);
  --bad: light-dark(#a8261c, #ff9d92); --warn: light-dark(#fff3d6, #3a3016); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.test { background: var(--warn); text-align: center; padding: 8px 16px; font-size: 14px; }
main { width: 100%; max-width: 560px; margin: 32px auto; padding: 0 16px 32px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 24px; margin: 0 0 16px; }
h1 { font-size: 22px; line-height: 1.3; margin: 0 0 16px; } h2 { font-size: 16px; margin: 0 0 12px; }
p { margin: 0 0 12px; color: var(--soft); }
.amount { font-size: 30px; font-weight: 650; letter-spacing: -.02em; color: var(--text); margin: 0; }
label { display: block; font-weight: 600; margin: 12px 0 6px; }
input { width: 100%; padding: 12px 14px; font: inherit; color: inherit; background: transparent; border: 1px solid var(--soft); border-radius: 10px; }
input[aria-invalid=true] { border-color: var(--bad); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; align-items: start; }
.wrong { color: var(--bad); font-size: 14px; margin: 6px 0 0; }
.alert { border: 1px solid var(--bad); color: var(--bad); border-radius: 10px; padding: 10px 14px; }
button { width: 100%; margin-top: 16px; padding: 13px 18px; font: inherit; font-weight: 600; border-radius: 10px; cursor: pointer;
  border: 1px solid var(--line); background: transparent; color: var(--text); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
a { color: var(--accent); } :is(a, button, input):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; font-size: 14px; } dt { color: var(--soft); } dd { margin: 0; }
table { width: 100%; border-collapse: collapse; font-size: 14px; } td, th { text-align: left; padding: 8px 8px 8px 0; border-top: 1px solid var(--line); }
code { font: 14px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
`;

export const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** A whole document that says of itself that no money moves: no script, nothing loaded from anywhere. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · test payments</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<div class="test" role="note"><strong>Test payments.</strong> This stands in for Stripe on this machine. No money moves.</div>
<main>
${body}
</main>
</body>
</html>
`.text;
}

export function money(cents: number): string {
  return `$${(cents / 100).toFixed(2)}`;
}

export function date(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
