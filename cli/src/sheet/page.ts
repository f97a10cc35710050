import { createHash } from 'node:crypto';
import { escapeHtml } from './html.ts';
import { SCRIPT, STYLE } from './looks.ts';

export interface Picture {
  /** A data URI. */
  readonly src: string;
  /** What it shows. */
  readonly alt: string;
}

/** One photo and what was made of it. */
export interface Pair {
  readonly name: string;
  /** Undefined where it is not at hand: the result is shown alone. */
  readonly before: Picture | undefined;
  readonly after: Picture;
  readonly facts: readonly Fact[];
  /** HTML below the facts. */
  readonly more?: string;
}

/** A name and its value, in plain text. */
export type Fact = readonly [name: string, value: string];

/** A photo of which nothing was made. */
export interface Refused {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

export interface SheetHead {
  readonly title: string;
  /** One sentence below the title. */
  readonly lead: string;
  /** How much of before is shown at first, percent. Default 50. */
  readonly start?: number;
  /** Script of the page beside its own. */
  readonly script?: string;
}

/** Tells our pages from those of others. */
export const GENERATOR = '<meta name="generator" content="stager">';

/**
 * The page, part by part, so that no more than one pair is in memory: one file without outside references, which a
 * browser is told to hold it to.
 */
export async function* renderSheet(
  head: SheetHead,
  pairs: AsyncIterable<Pair>,
  refused: readonly Refused[],
): AsyncGenerator<string> {
  const script = SCRIPT + (head.script ?? '');
  yield opening(head, script);
  for await (const pair of pairs) yield section(pair, head.start ?? 50);
  yield `</main>\n${refusedList(refused)}<script>${script}</script>\n</body>\n</html>\n`;
}

function opening({ title, lead }: SheetHead, script: string): string {
  const policy = `default-src 'none'; img-src data:; style-src ${hashOf(STYLE)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
${GENERATOR}
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(lead)}</p></header>
<main>
`;
}

/** CSP level 3: an inline script or style is allowed by what it is, not where it came from. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function section({ name, before, after, facts, more = '' }: Pair, start: number): string {
  const title = escapeHtml(name);
  return `<article>
<h2>${title}</h2>
${before ? compared(title, before, after, start) : `<div class="alone">${image(after, 'after')}</div>`}
${facts.length === 0 ? '' : `<dl>${facts.map(fact).join('')}</dl>\n`}${more}</article>
`;
}

function compared(title: string, before: Picture, after: Picture, start: number): string {
  return `<div class="compare">
<figure>${image(before, 'before')}<figcaption>before</figcaption></figure>
<figure>${image(after, 'after')}<figcaption>after</figcaption></figure>
<span class="bar"></span>
<input type="range" min="0" max="100" value="${start}" aria-label="${title}: how much of before is shown, in percent">
</div>`;
}

function image({ src, alt }: Picture, kind: string): string {
  return `<img class="${kind}" src="${src}" alt="${escapeHtml(alt)}">`;
}

function fact([term, value]: Fact): string {
  return `<div><dt>${escapeHtml(term)}</dt><dd>${escapeHtml(value)}</dd></div>`;
}

function refusedList(refused: readonly Refused[]): string {
  if (refused.length === 0) return '';
  const items = refused.map(({ name, code, message, hint }) => {
    const help = hint === null ? '' : `<p class="hint">${escapeHtml(hint)}</p>`;
    return `<li><h3>${escapeHtml(name)}</h3><p>${escapeHtml(message)} <code>${escapeHtml(code)}</code></p>${help}</li>`;
  });
  return `<section class="refused"><h2>Refused</h2><ul>${items.join('\n')}</ul></section>\n`;
}
