import { hasEnded, type Reconcile, type ReconcileRun } from '@stager/sdk';
import type { Context } from '../context.ts';
import { Interrupted } from '../errors.ts';
import { LiveView } from '../io/live.ts';
import { formatSeconds } from '../io/text.ts';
import { bar } from '../upload/frame.ts';
import { Rate } from '../upload/rate.ts';

/**
 * Shows a run on stderr until it has ended: drawn over and over on a terminal, a line for each phase elsewhere. Ctrl-C ends
 * the watching, not the run.
 */
export async function watchRun(
  context: Context,
  reconcile: Reconcile,
  begun: ReconcileRun,
): Promise<ReconcileRun> {
  const { io, signal } = context;
  let run = begun;
  const rate = new Rate();
  const live = io.canAnimate ? new LiveView(io.stderr, () => [{ text: frame(run, rate) }]) : undefined;
  let phase = '';
  live?.start();
  try {
    if (hasEnded(run)) return run;
    for await (run of reconcile.follow(begun.id, { signal })) {
      rate.add(seenBy(run), performance.now());
      const now = `${run.state} ${run.progress.phase}`;
      if (!live && phase !== now && !hasEnded(run)) io.say(frame(run, rate));
      phase = now;
    }
    return run;
  } catch (error) {
    if (!signal.aborted) throw error;
    live?.stop();
    io.say('The run goes on without you.');
    io.say(`  Look at it  stager reconcile show ${begun.id}`);
    io.say(`  End it      stager reconcile cancel ${begun.id}`);
    throw new Interrupted();
  } finally {
    live?.stop();
  }
}

function seenBy({ progress }: ReconcileRun): number {
  return progress.rows + progress.objects + progress.done;
}

/** A bar, how much, how fast, and how long it may still take; no bar where nobody knows how much there is. */
export function frame(run: ReconcileRun, rate: Rate): string {
  if (/^(queued|apply_queued|undo_queued)$/.test(run.state)) return 'Waiting for a worker';
  const { phase, rows, objects, expected, done } = run.progress;
  const acting = ['applying', 'undoing'].includes(run.state);
  const [seen, total] = acting ? [done, run.changes] : [rows + objects, expected];
  const speed = rate.perSecond;
  const parts =
    seen < total || acting
      ? [
          `${acting ? 'Acting' : 'Looking'}  ${bar(total > 0 ? seen / total : 0)}`,
          `${format(seen)} of ${acting ? '' : 'about '}${format(total)}`,
          phase,
        ]
      : ['Looking', `${format(seen)} rows and objects`, phase];
  if (speed) parts.push(`${format(Math.round(speed))}/s`);
  if (speed && seen < total) parts.push(`${formatSeconds(Math.ceil((total - seen) / speed))} left`);
  return parts.join('  ');
}

function format(count: number): string {
  return count.toLocaleString('en-US');
}
