import { z } from 'zod';
import { end, isOver } from '../billing.ts';
import { type Endpoint, endpoint, pageOf } from '../endpoint.ts';
import { noSuch } from '../errors.ts';
import { newCustomer } from '../objects/subscriptions.ts';
import { expanding, listing, metadata, text } from '../params.ts';
import { emit, type World } from '../world.ts';

const DELETED = 'deleted_customer:';

/** Its subscriptions end with it. */
export function deleteCustomer(world: World, id: string): { id: string; object: 'customer'; deleted: true } {
  const { store } = world;
  const customer = store.get('customer', id);
  for (const one of store.list('subscription', id)) {
    if (!isOver(one)) end(world, one, 'cancellation_requested');
  }
  store.remove('customer', id);
  store.set(DELETED + id, '1');
  emit(world, 'customer.deleted', customer);
  return { id, object: 'customer', deleted: true };
}

export const customers: readonly Endpoint[] = [
  endpoint(
    'POST /v1/customers',
    z.strictObject({
      name: text.max(256).optional(),
      email: text.max(512).optional(),
      description: text.optional(),
      metadata,
      ...expanding,
    }),
    (world, wish) => {
      const customer = world.store.put('customer', newCustomer(world, wish));
      emit(world, 'customer.created', customer);
      return customer;
    },
  ),
  endpoint('GET /v1/customers/:id', z.strictObject(expanding), ({ store }, _params, id) => {
    if (store.setting(DELETED + id) !== undefined) return { id, object: 'customer', deleted: true };
    return store.get('customer', id);
  }),
  endpoint(
    'POST /v1/customers/:id',
    z.strictObject({ name: text.optional(), email: text.optional(), metadata, ...expanding }),
    (world, { name, email, metadata: labels }, id) => {
      const { store } = world;
      const customer = store.get('customer', id);
      const changed = store.put('customer', {
        ...customer,
        name: name ?? customer.name ?? null,
        email: email ?? customer.email,
        metadata: { ...customer.metadata, ...labels },
      });
      emit(world, 'customer.updated', changed, { name: customer.name, email: customer.email });
      return changed;
    },
  ),
  endpoint('DELETE /v1/customers/:id', z.strictObject({}), (world, _params, id) => deleteCustomer(world, id)),
  endpoint('GET /v1/customers', z.strictObject({ ...listing, email: text.optional() }), ({ store }, page) =>
    pageOf(
      '/v1/customers',
      store.list('customer').filter(({ email }) => page.email === undefined || email === page.email),
      page,
    ),
  ),
  endpoint(
    'GET /v1/invoices',
    z.strictObject({
      ...listing,
      customer: text.optional(),
      subscription: text.optional(),
      status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
    }),
    ({ store }, { customer, subscription, status, ...page }) => {
      const found = store
        .list('invoice', customer)
        .filter(
          (invoice) =>
            (status === undefined || invoice.status === status) &&
            (subscription === undefined ||
              invoice.parent?.subscription_details?.subscription === subscription),
        );
      return pageOf('/v1/invoices', found, page);
    },
  ),
  endpoint('GET /v1/invoices/:id', z.strictObject(expanding), ({ store }, _params, id) =>
    store.get('invoice', id),
  ),
  endpoint('GET /v1/charges/:id', z.strictObject(expanding), ({ store }, _params, id) => {
    const charge = store.find('charge', id);
    if (!charge) throw noSuch('charge', id);
    return charge;
  }),
];
