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
    lines.push(`  ${style.dim(`${sentence(when)}:`)}`, `    ${style.bold(command)}`);
  }
  if (report.docsUrl) lines.push(`  ${report.docsUrl}`);
  if (report.requestId) lines.push(style.dim(`  request ${report.requestId}`));
  return lines.join('\n');
}

/** One of several things that could not be done: what and why, and below it what to do. */
export function describeFailure(id: string, report: ErrorReport, { style, columns }: View): string {
  const { message, hint, next } = report;
  const lines = wrap(`${id}  failed  ${message}`, columns, INDENT).join('\n').trimStart();
  return [
    lines.replace(' failed ', `  ${style.red('failed')}  `),
    ...(hint ? wrap(hint, columns, INDENT).map(style.dim) : []),
    ...next.map(({ command, when }) => `${INDENT}${style.dim(`${sentence(when)}:`)} ${command}`),
  ].join('\n');
}

const INDENT = '  ';
const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
