import type Stripe from 'stripe';
import { z } from 'zod';
import { type Endpoint, endpoint, pageOf } from '../endpoint.ts';
import { StripeFault } from '../errors.ts';
import { expanding, flag, listing, metadata, text } from '../params.ts';
import { unguessable, type World } from '../world.ts';

const features = z.strictObject({
  customer_update: z.strictObject({ enabled: flag, allowed_updates: z.array(text).optional() }).optional(),
  invoice_history: z.strictObject({ enabled: flag }).optional(),
  payment_method_update: z.strictObject({ enabled: flag }).optional(),
  subscription_cancel: z
    .strictObject({
      enabled: flag,
      mode: z.enum(['at_period_end', 'immediately']).optional(),
      proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
    })
    .optional(),
  subscription_update: z
    .strictObject({
      enabled: flag,
      default_allowed_updates: z.array(z.enum(['price', 'promotion_code', 'quantity'])).optional(),
      proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
      products: z.array(z.strictObject({ product: text, prices: z.array(text) })).optional(),
      schedule_at_period_end: z
        .strictObject({
          conditions: z.array(
            z.strictObject({ type: z.enum(['decreasing_item_amount', 'shortening_interval']) }),
          ),
        })
        .optional(),
    })
    .optional(),
});

const configuration = z.strictObject({
  business_profile: z
    .strictObject({
      headline: text.optional(),
      privacy_policy_url: z.url().optional(),
      terms_of_service_url: z.url().optional(),
    })
    .optional(),
  default_return_url: z.url().optional(),
  features,
  active: flag.optional(),
  metadata,
  name: text.optional(),
  ...expanding,
});

export const portal: readonly Endpoint[] = [
  endpoint(
    'POST /v1/billing_portal/sessions',
    z.strictObject({
      customer: text,
      return_url: z.url().optional(),
      configuration: text.optional(),
      ...expanding,
    }),
    ({ store, clock, url }, wish) => {
      store.get('customer', wish.customer, 'customer');
      const found = wish.configuration
        ? store.get('configuration', wish.configuration, 'configuration')
        : store.list('configuration').find(({ is_default: isDefault }) => isDefault);
      if (!found) {
        throw new StripeFault(
          400,
          'No configuration provided and your test mode default configuration has not been created.',
        );
      }
      const id = `${store.newId('portal')}`;
      return store.put(
        'portal',
        {
          id,
          object: 'billing_portal.session',
          configuration: found.id,
          created: clock.now(),
          customer: wish.customer,
          customer_account: null,
          flow: null,
          livemode: false,
          locale: null,
          on_behalf_of: null,
          return_url: wish.return_url ?? found.default_return_url,
          url: `${url}/p/session/${id}_${unguessable()}`,
        },
        wish.customer,
      );
    },
  ),
  endpoint(
    'GET /v1/billing_portal/configurations',
    z.strictObject({ ...listing, active: flag.optional(), is_default: flag.optional() }),
    ({ store }, page) =>
      pageOf(
        '/v1/billing_portal/configurations',
        store
          .list('configuration')
          .filter(
            (one) =>
              (page.active === undefined || one.active === page.active) &&
              (page.is_default === undefined || one.is_default === page.is_default),
          ),
        page,
      ),
  ),
  endpoint('POST /v1/billing_portal/configurations', configuration, (world, wish) =>
    world.store.put('configuration', newConfiguration(world, wish)),
  ),
  endpoint(
    'POST /v1/billing_portal/configurations/:id',
    configuration.partial({ features: true }),
    (world, wish, id) => {
      const before = world.store.get('configuration', id);
      const {
        id: _id,
        created,
        is_default: isDefault,
        ...rest
      } = newConfiguration(world, { ...wish, features: wish.features ?? {} });
      return world.store.put('configuration', {
        ...rest,
        id: before.id,
        created: before.created || created,
        is_default: before.is_default || isDefault,
      });
    },
  ),
];

function newConfiguration(
  { store, clock }: World,
  wish: z.output<typeof configuration>,
): Stripe.BillingPortal.Configuration {
  const { features: wanted, business_profile: profile } = wish;
  const now = clock.now();
  return {
    id: store.newId('configuration'),
    object: 'billing_portal.configuration',
    active: wish.active ?? true,
    application: null,
    business_profile: {
      headline: profile?.headline ?? null,
      privacy_policy_url: profile?.privacy_policy_url ?? null,
      terms_of_service_url: profile?.terms_of_service_url ?? null,
    },
    created: now,
    default_return_url: wish.default_return_url ?? null,
    features: {
      customer_update: { allowed_updates: [], enabled: wanted.customer_update?.enabled ?? false },
      invoice_history: { enabled: wanted.invoice_history?.enabled ?? false },
      payment_method_update: {
        enabled: wanted.payment_method_update?.enabled ?? false,
        payment_method_configuration: null,
      },
      subscription_cancel: {
        cancellation_reason: { enabled: false, feedback_options: null, options: [] },
        enabled: wanted.subscription_cancel?.enabled ?? false,
        mode: wanted.subscription_cancel?.mode ?? 'at_period_end',
        proration_behavior: wanted.subscription_cancel?.proration_behavior ?? 'none',
      },
      subscription_pause: { duration: { interval_options: [], type: 'indefinite' }, enabled: false },
      subscription_update: {
        billing_cycle_anchor: null,
        default_allowed_updates: wanted.subscription_update?.default_allowed_updates ?? [],
        enabled: wanted.subscription_update?.enabled ?? false,
        products: null,
        proration_behavior: wanted.subscription_update?.proration_behavior ?? 'none',
        schedule_at_period_end: { conditions: [] },
        trial_update_behavior: 'end_trial',
      },
    },
    is_default: store.list('configuration').length === 0,
    livemode: false,
    login_page: { enabled: false, url: null },
    metadata: wish.metadata,
    name: wish.name ?? null,
    updated: now,
  };
}
