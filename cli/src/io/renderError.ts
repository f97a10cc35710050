import type { ErrorReport } from '../errors.ts';
import type { View } from './io.ts';
import { wrap } from './text.ts';

/** The same facts as under `--json`, for a person. */
export function renderError(report: ErrorReport, { style, columns }: View): string {
  // Ctrl-C and a no are what was asked for.
  const wanted = report.code === 'interrupted' || report.code === 'declined';
  const head = wanted ? report.message : `${style.red('error:')} ${report.message}`;
  const lines = [head];
  if (report.hint) lines.push(...wrap(report.hint, columns, '  '));
  for (const { command, when } of report.next) {
    lines.push(
      `  ${style.dim(`${when.charAt(0).toUpperCase()}${when.slice(1)}:`)}`,
      `    ${style.bold(command)}`,
    );
  }
  if (report.docsUrl) lines.push(`  ${report.docsUrl}`);
  if (report.requestId) lines.push(style.dim(`  request ${report.requestId}`));
  return lines.join('\n');
}

/** One of several things that could not be done, in a line or two. */
export function describeFailure(id: string, { message }: ErrorReport, { style, columns }: View): string {
  const [first = '', ...rest] = wrap(`${id}  failed  ${message}`, columns, '  ');
  return [first.trimStart().replace('  failed  ', `  ${style.red('failed')}  `), ...rest].join('\n');
}
