import { fit, fitEnd, padTo, textWidth } from './text.ts';

export interface Column {
  readonly title: string;
  /** Cut first when the terminal is narrow. */
  readonly flexible?: boolean;
  /** Cut at its begin. */
  readonly keepEnd?: boolean;
  /** Applied after the text has its width. */
  readonly paint?: (text: string, row: number) => string;
}

const GAP = '  ';
/** A flexible column is not cut below this. */
const LEAST = 8;

/** Rows of clean text as lines of at most `columns`, titles first. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  title: (text: string) => string = (text) => text,
): string {
  const natural = columns.map((column, at) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[at] ?? ''))),
  );
  const widths = shrink(columns, natural, width);
  const line = (cells: readonly string[], paint: (text: string, column: number) => string) =>
    cells
      .map((cell, at) => {
        const shown = (columns[at]?.keepEnd ? fitEnd : fit)(cell, widths[at] ?? 0);
        const padded = at === cells.length - 1 ? shown : padTo(shown, widths[at] ?? 0);
        return paint(padded, at);
      })
      .join(GAP)
      .trimEnd();
  const head = line(
    columns.map((column) => column.title),
    (text) => title(text),
  );
  const body = rows.map((row, index) => line(row, (text, at) => columns[at]?.paint?.(text, index) ?? text));
  return [head, ...body].join('\n');
}

/** Takes what is too much from the flexible columns, the widest first. */
function shrink(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, w) => sum + w, GAP.length * (widths.length - 1));
  while (total() > width) {
    let widest = -1;
    for (const [at, column] of columns.entries()) {
      const own = widths[at] ?? 0;
      if (column.flexible && own > LEAST && own > (widths[widest] ?? 0)) widest = at;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
