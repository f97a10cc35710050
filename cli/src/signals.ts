import { setMaxListeners } from 'node:events';
import { EXIT } from './exit.ts';

/** Time that work has to leave things in order after the first signal, in milliseconds. */
const GRACE_MS = 5000;
/** One Ctrl-C can arrive twice, from the terminal and passed on by a parent, but hardly further apart, in milliseconds. */
const ECHO_MS = 300;

/** The first Ctrl-C (or SIGTERM, SIGHUP) aborts `signal`; a second one, or five seconds, ends the process. */
export function watchSignals(): AbortSignal {
  const controller = new AbortController();
  // One listener per transfer is no leak.
  setMaxListeners(0, controller.signal);
  let firstAt = 0;
  const onSignal = () => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt > ECHO_MS) process.exit(EXIT.interrupted);
      return;
    }
    firstAt = performance.now();
    controller.abort(new DOMException('Interrupted', 'AbortError'));
    setTimeout(() => process.exit(EXIT.interrupted), GRACE_MS).unref();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return controller.signal;
}
