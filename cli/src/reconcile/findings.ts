import type { ReconcileFinding } from '@stager/sdk';
import { clean } from '../io/clean.ts';
import type { View } from '../io/io.ts';
import { renderTable } from '../io/table.ts';
import { wrap } from '../io/text.ts';

/** A line for each, and below it which object, and what was found or became of it: ids and keys are never cut. */
export function renderFindings(findings: readonly ReconcileFinding[], { style, columns }: View): string {
  const layout = [{ title: 'NO' }, { title: 'KIND' }, { title: 'STATE' }, { title: 'ABOUT' }];
  const rows = findings.map(({ seq, kind, state, subject }) => [
    String(seq),
    kind,
    state,
    clean(subject ?? 'an object that no row names'),
  ]);
  const [head = '', ...lines] = renderTable(layout, rows, columns, style.dim).split('\n');
  const indent = ' '.repeat(Math.max(2, ...rows.map(([seq = '']) => seq.length)) + 2);
  const below = findings.map((finding) =>
    detailsOf(finding)
      .flatMap((text) => wrap(clean(text), columns, indent))
      .map(style.dim),
  );
  return [head, ...lines.flatMap((line, at) => [line, ...(below[at] ?? [])])].join('\n');
}

function detailsOf({ key, found, expected, outcome }: ReconcileFinding): string[] {
  const contrast = [found, expected && `expected: ${expected}`].filter(Boolean).join('; ');
  return [key ?? '', outcome ?? contrast].filter((text) => text !== '');
}
