import type { Stager } from '@stager/sdk';
import type { Context } from '../context.ts';
import { type ErrorReport, toFailure } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Rendered } from '../io/io.ts';
import { describeFailure } from '../io/renderError.ts';

export interface Changed {
  readonly result: Rendered;
  readonly exit: ExitCode;
}

type ItemResult =
  | { readonly id: string; readonly ok: true; readonly state: string | null }
  | { readonly id: string; readonly ok: false; readonly error: ErrorReport };

type Change = (
  client: Stager,
  id: string,
  signal: AbortSignal,
) => Promise<{ readonly state: string } | undefined>;

/** One after the other; a failure of one does not keep the others from being done. */
export async function changeEach(
  context: Context,
  ids: readonly string[],
  done: string,
  change: Change,
): Promise<Changed> {
  const client = await context.stager();
  const results: ItemResult[] = [];
  let exit: ExitCode = EXIT.ok;
  for (const id of ids) {
    try {
      const changed = await change(client, id, context.signal);
      results.push({ id, ok: true, state: changed?.state ?? null });
    } catch (error) {
      const failure = await toFailure(error);
      // No other id would fare better.
      if (context.signal.aborted || failure.exit === EXIT.auth) throw error;
      results.push({ id, ok: false, error: failure.report });
      exit = EXIT.failed;
    }
  }
  return { exit, result: render(results, done) };
}

function render(results: readonly ItemResult[], done: string): Rendered {
  return {
    json: () => ({ results }),
    text: (view) =>
      results
        .map((item) =>
          item.ok ? `${item.id}  ${view.style.green(done)}` : describeFailure(item.id, item.error, view),
        )
        .join('\n'),
  };
}
