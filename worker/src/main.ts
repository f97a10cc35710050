import { ConfigError, readConfig } from '@stager/server/infra/config';
import { onStopSignals } from '@stager/server/infra/signals';
import { workerConfig } from './config.ts';
import { createWorker } from './worker.ts';

/** Whoever started us is gone: photos in work go to another worker instead of keeping an orphan alive. Milliseconds. */
const ORPHAN_GRACE_MS = 1_000;

try {
  const worker = await createWorker(readConfig(workerConfig, process.env));
  if (process.connected) process.once('disconnect', () => worker.stop({ graceMs: ORPHAN_GRACE_MS }));
  onStopSignals(
    () => worker.stop(),
    () => worker.reread(process.env),
  );
  // What it works on goes to another worker; a supervisor starts this one again.
  void worker.stuck.then(() => worker.stop({ graceMs: ORPHAN_GRACE_MS })).finally(() => process.exit(1));
  // Nothing is claimed before a signal would be heard: a job would wait for the end of its lease.
  await worker.start();
  await worker.claiming;
  process.send?.({ type: 'ready' });
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else
    process.stderr.write(
      `The worker cannot start: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`,
    );
  process.exit(1);
}
