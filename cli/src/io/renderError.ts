import type { ErrorReport } from '../errors.ts';
import type { View } from './io.ts';

/** The same facts as under `--json`, for a person. */
export function renderError(report: ErrorReport, { style }: View): string {
  const lines = [`${style.red('error:')} ${report.message}`];
  if (report.hint) lines.push(`  ${report.hint}`);
  for (const { command, when } of report.next) lines.push(`  ${style.bold(command)}  ${style.dim(when)}`);
  if (report.docsUrl) lines.push(`  ${report.docsUrl}`);
  if (report.requestId) lines.push(style.dim(`  request ${report.requestId}`));
  return lines.join('\n');
}
