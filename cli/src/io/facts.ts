import type { View } from './io.ts';
import { textWidth, wrap } from './text.ts';

/** What is known of one thing, a line each; what has no value is left out, what is too long goes on below itself. */
export function renderFacts(
  facts: readonly (readonly [title: string, value: string])[],
  width: number,
  { style, columns }: View,
): string {
  return facts
    .filter(([, value]) => value !== '')
    .map(([title, value]) => {
      const fits = width + textWidth(value) <= columns;
      const lines = fits ? value : wrap(value, columns, ' '.repeat(width)).join('\n').trimStart();
      return `${style.dim(title.padEnd(width))}${lines}`;
    })
    .join('\n');
}
