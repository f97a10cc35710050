import { offeredPlans, plansWith } from '../core/billing/plans.ts';
import { EVENT_TYPES } from '../core/billing/stripe/eventTypes.ts';
import { readConfig } from '../infra/config.ts';
import { PAID_PLANS } from '../infra/stripe/catalogue.ts';
import { createClient } from '../infra/stripe/client.ts';
import { inOurWords } from '../infra/stripe/errors.ts';
import { type PlanOffer, type SetupDone, setUpStripe } from '../infra/stripe/setup.ts';
import { apiConfig } from './config.ts';

const settings = apiConfig.pick({
  STAGER_STRIPE_SECRET_KEY: true,
  STAGER_STRIPE_API_URL: true,
  STAGER_PLANS: true,
});

/**
 * Sets an account at Stripe up for the plans of this installation.
 * @throws ConfigError, PaymentsError
 */
export async function setUpFrom(
  env: NodeJS.ProcessEnv,
  { returnUrl, webhookUrl }: { returnUrl: string; webhookUrl: string | null },
): Promise<SetupDone> {
  const config = readConfig(settings.required({ STAGER_STRIPE_SECRET_KEY: true }), env);
  const client = createClient({
    secretKey: config.STAGER_STRIPE_SECRET_KEY,
    apiUrl: config.STAGER_STRIPE_API_URL,
  });
  const offers = offeredPlans(plansWith(config.STAGER_PLANS)).flatMap((plan): PlanOffer[] => {
    const id = PAID_PLANS.find((one) => one === plan.id);
    return id ? [{ ...plan, id, overageCents: plan.overageCents ?? 0 }] : [];
  });
  try {
    return await setUpStripe(client, { offers, returnUrl, webhookUrl, eventTypes: EVENT_TYPES });
  } catch (error) {
    throw inOurWords(error);
  }
}
