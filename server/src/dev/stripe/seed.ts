import type { Plan } from '../../contract/index.ts';
import { findEndpoint } from './api.ts';
import type { Form } from './form.ts';
import type { World } from './world.ts';

const METER_EVENT = 'stager_image';

/**
 * What the account at Stripe has where payments are set up: a product, a monthly price and one for an image above the
 * limit for each plan that costs something, the meter that counts those images, and how the portal looks. What is there
 * already stays; a price that has changed takes the lookup key over.
 */
export function seed(
  world: World,
  { plans, returnUrl }: { readonly plans: readonly Plan[]; readonly returnUrl: string },
): void {
  world.store.together(() => {
    const meter =
      findMeter(world) ??
      idOf(
        run(world, 'POST', '/v1/billing/meters', {
          display_name: 'Images above the limit',
          event_name: METER_EVENT,
          default_aggregation: { formula: 'sum' },
        }),
      );
    for (const plan of plans) if (plan.priceCents > 0) seedPlan(world, plan, meter);
    if (world.store.list('configuration').length > 0) return;
    run(world, 'POST', '/v1/billing_portal/configurations', {
      default_return_url: returnUrl,
      features: {
        invoice_history: { enabled: 'true' },
        payment_method_update: { enabled: 'true' },
        subscription_cancel: { enabled: 'false' },
        subscription_update: { enabled: 'false' },
      },
    });
  });
}

function seedPlan(world: World, plan: Plan, meter: string): void {
  const product = `stager_${plan.id}`;
  if (!world.store.find('product', product)) {
    run(world, 'POST', '/v1/products', { id: product, name: `stager ${plan.name}` });
  }
  const common = {
    currency: plan.currency,
    product,
    metadata: { stager_plan: plan.id },
    transfer_lookup_key: 'true',
  };
  seedPrice(world, plan.priceCents, {
    ...common,
    nickname: plan.name,
    lookup_key: `stager_${plan.id}_monthly`,
    recurring: { interval: 'month' },
  });
  if (plan.overageCents === null) return;
  seedPrice(world, plan.overageCents, {
    ...common,
    nickname: `Image above the limit of ${plan.name}`,
    lookup_key: `stager_${plan.id}_overage`,
    recurring: { interval: 'month', usage_type: 'metered', meter },
  });
}

function seedPrice(world: World, cents: number, wish: Form & { readonly lookup_key: string }): void {
  const present = world.store.list('price').find(({ lookup_key: key }) => key === wish.lookup_key);
  if (present?.unit_amount !== cents)
    run(world, 'POST', '/v1/prices', { ...wish, unit_amount: String(cents) });
}

function findMeter({ store }: World): string | undefined {
  return store.list('meter').find(({ event_name: name }) => name === METER_EVENT)?.id;
}

function run(world: World, method: string, path: string, form: Form): unknown {
  const found = findEndpoint(method, path);
  if (!found) throw new Error(`the fake has no ${method} ${path}`);
  return found.endpoint.run(world, found.id, form);
}

/** Every object of Stripe has one. */
function idOf(object: unknown): string {
  return (object as { id: string }).id;
}
