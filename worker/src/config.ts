import { baseConfig } from '@stager/server/infra/config';
import { z } from 'zod';
import { checkCron } from './reconcile/schedule.ts';

/** What the worker process reads from its environment. */
export const workerConfig = baseConfig.extend({
  STAGER_RECONCILE_CRON: z
    .string()
    .superRefine((value, context) => {
      try {
        checkCron(value);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      }
    })
    .optional()
    .describe(
      'When reconciliation looks for drift by itself, as a cron expression in UTC such as `15 3 * * *`; it repairs nothing',
    ),
  STAGER_WORKER_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(0)
    .max(256)
    .optional()
    .describe('Photos in work at the same time; 0 pauses the worker. Default: the number of cores'),
  STAGER_WORKER_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(128)
    .default(1024)
    .describe('Memory of the process that decodes one photo, in MiB; above it the job fails, nothing else'),
  STAGER_WORKER_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('Where photos in work lie. Default: the system’s folder'),
  STAGER_LEASE_SECONDS: z.coerce
    .number()
    .min(2)
    .default(30)
    .describe('Time after which the job of a worker that gives no sign of life goes to another'),
  STAGER_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .default(25)
    .describe('Time for photos in work when the worker stops; what is not done then goes to another'),
  STAGER_STUCK_SECONDS: z.coerce
    .number()
    .min(1)
    .default(60)
    .describe(
      'A worker with a free place that takes none of the work that is due for so long is not ready, and ends',
    ),
  STAGER_MAX_PIXELS: z.coerce
    .number()
    .int()
    .min(4096)
    .default(100_000_000)
    .describe('Largest photo, in pixels'),
  STAGER_PAYMENT_GRACE_DAYS: z.coerce
    .number()
    .min(0)
    .max(60)
    .default(7)
    .describe(
      'Payments: so long a plan holds whose payment has failed, from its invoice on; in days, also parts of one',
    ),
  STAGER_WORKER_HOST: z.string().default('127.0.0.1').describe('Address that health is answered on'),
  STAGER_WORKER_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Port of /livez and /readyz; none when it is not set or 0'),
});

export type WorkerConfig = z.output<typeof workerConfig>;
