import { ConfigError, readConfig } from '../infra/config.ts';
import { scrub } from '../infra/scrub.ts';
import { onStopSignals } from '../infra/signals.ts';
import { startApi } from './api.ts';
import { apiConfig } from './config.ts';

try {
  const api = await startApi(readConfig(apiConfig, process.env));
  onStopSignals(
    () => api.stop(),
    () => api.reread(process.env),
  );
  process.send?.({ type: 'ready', url: api.url });
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else
    process.stderr.write(
      `The API cannot start: ${scrub(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
    );
  process.exit(1);
}
