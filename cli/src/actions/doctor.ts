import type { Context } from '../context.ts';
import { runAuthChecks } from '../doctor/authChecks.ts';
import { runChecks } from '../doctor/checks.ts';
import type { Check, Finding } from '../doctor/types.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { clean } from '../io/clean.ts';
import type { Rendered, View } from '../io/io.ts';
import { count, wrap } from '../io/text.ts';

export async function runDoctor(
  context: Context,
  { auth }: { readonly auth: boolean },
): Promise<{ result: Rendered; exit: ExitCode }> {
  const checks = auth ? await runAuthChecks(context) : await runChecks(context);
  const failed = checks.filter(({ status }) => status === 'failed').length;
  return {
    exit: failed > 0 ? EXIT.failed : EXIT.ok,
    result: {
      json: () => ({ ok: failed === 0, checks }),
      text: (view) => [...checks.map((check) => line(check, view)), '', verdict(failed, view)].join('\n'),
    },
  };
}

const MARKS: Readonly<Record<Finding['status'], string>> = {
  ok: '✓',
  warning: '!',
  failed: '✗',
  skipped: '-',
};

/** Under the messages. */
const INDENT = ' '.repeat(15);

function line({ name, status, message, fix }: Check, { style, columns }: View): string {
  const paint = { ok: style.green, warning: style.yellow, failed: style.red, skipped: style.dim }[status];
  const [first = '', ...rest] = wrap(clean(message), columns, INDENT);
  const head = `${paint(MARKS[status])} ${name.padEnd(12)} ${first.trimStart()}`;
  return [head, ...rest, ...(fix ? wrap(clean(fix), columns, INDENT).map(style.bold) : [])].join('\n');
}

function verdict(failed: number, { style }: View): string {
  return failed === 0
    ? style.green('Everything is in order.')
    : style.red(`${count(failed, 'check')} failed.`);
}
