import { ConfigError, readConfig } from '@stager/server/infra/config';
import { onStopSignals } from '@stager/server/infra/signals';
import { workerConfig } from './config.ts';
import { startWorker } from './worker.ts';

try {
  const worker = await startWorker(readConfig(workerConfig, process.env));
  onStopSignals(() => worker.stop());
  process.send?.({ type: 'ready' });
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else
    process.stderr.write(
      `The worker cannot start: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`,
    );
  process.exit(1);
}
