import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlanOverrides } from '../contract/index.ts';
import { offeredPlans, plansWith } from '../core/billing/plans.ts';
import type { StackSecrets } from './secrets.ts';
import { type RunningStripe, startFakeStripe } from './stripe/index.ts';

export type { RunningStripe };

interface Options {
  readonly dataDir: string;
  readonly apiUrl: string;
  readonly port: number;
  readonly secrets: StackSecrets;
  readonly logFile: string;
}

/** The Stripe of the embedded stack, which sells its plans and tells its API what was paid. */
export function startLocalStripe(options: Options): Promise<RunningStripe> {
  const { apiUrl, secrets } = options;
  return startFakeStripe({
    port: options.port,
    dataFile: join(options.dataDir, 'stripe.sqlite'),
    secretKey: secrets.payments,
    webhook: { url: `${apiUrl}/v1/webhooks/stripe`, secrets: [secrets.webhooks] },
    // What it sells costs what the API says.
    shop: {
      plans: offeredPlans(plansWith(PlanOverrides.parse(JSON.parse(process.env['STAGER_PLANS'] || '{}')))),
      returnUrl: `${apiUrl}/billing`,
    },
    log: (line) => appendFileSync(options.logFile, `${new Date().toISOString()} ${line}\n`),
  });
}
