import type { IncomingMessage, ServerResponse } from 'node:http';
import type Stripe from 'stripe';
import { readBody } from '../api.ts';
import { attempt, cardOf, changeSubscription, exchangeItems, isOver, periodOf } from '../billing.ts';
import { behaviourOf, type CardFields, checkCard } from '../cards.ts';
import { StripeFault } from '../errors.ts';
import { complete, current } from '../resources/checkout.ts';
import { endSchedule } from '../schedules.ts';
import { idOf, type World } from '../world.ts';
import { STYLE_HASH } from './layout.ts';
import { challengePage, checkoutPage, invoicePage, messagePage, portalPage } from './views.ts';

/** What a page answers: a document, or where to go on. */
type Shown = { readonly html: string; readonly status?: number } | { readonly to: string };

/** The hosted pages: an address is all that somebody needs, so none can be guessed. @returns false: no such page */
export async function servePages(world: World, req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  const { pathname } = new URL(req.url ?? '/', world.url);
  const form = req.method === 'POST' ? new URLSearchParams(await readBody(req)) : undefined;
  const shown = world.store.together(() => show(world, pathname, form));
  if (!shown) return false;
  if ('to' in shown) {
    res.writeHead(303, { location: shown.to, 'cache-control': 'no-store' }).end();
    return true;
  }
  res.writeHead(shown.status ?? 200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    // Without form-action: after a payment the browser goes on to the shop, by a redirect of the form.
    'content-security-policy': `default-src 'none'; style-src ${STYLE_HASH}; base-uri 'none'; frame-ancestors 'none'`,
  });
  res.end(shown.html);
  return true;
}

function show(world: World, pathname: string, form: URLSearchParams | undefined): Shown | undefined {
  const [, kind, part, id = '', more] =
    /^\/(c|p|i)(?:\/(pay|session))?\/([\w-]+)(?:\/(challenge))?$/.exec(pathname) ?? [];
  try {
    if (kind === 'c' && part === 'pay') {
      return more ? challenge(world, id, form) : checkout(world, id, form);
    }
    if (kind === 'p' && part === 'session' && !more) return portal(world, pathname, id, form);
    if (kind === 'i' && !part && !more) return invoice(world, id, form);
    return undefined;
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error;
    return { status: error.status, html: messagePage('This does not work', error.message) };
  }
}

function checkout(world: World, id: string, form: URLSearchParams | undefined): Shown {
  const session = current(world, id);
  const ended = afterEnd(session);
  if (ended) return ended;
  const customer = world.store.find('customer', idOf(session.customer ?? ''));
  if (!form) return { html: checkoutPage({ session, customer }) };
  const typed = readCard(form);
  const errors = checkCard(typed, new Date());
  const view = { session, customer, typed };
  if (Object.keys(errors).length > 0) return { status: 422, html: checkoutPage({ ...view, errors }) };
  const behaviour = behaviourOf(typed.number);
  if (behaviour === 'declines') {
    return {
      status: 402,
      html: checkoutPage({ ...view, problem: 'Your card was declined. Try another one.' }),
    };
  }
  const card = { id: world.store.newId('card'), last4: last4(typed) };
  if (behaviour === 'challenges') {
    world.store.set(PENDING + id, card.last4);
    return { to: `${world.url}/c/pay/${id}/challenge` };
  }
  return finish(complete(world, id, { ...card, behaviour }));
}

/** Last digits of a card whose owner has to confirm. */
const PENDING = 'challenge:';

function challenge(world: World, id: string, form: URLSearchParams | undefined): Shown {
  const session = current(world, id);
  const ended = afterEnd(session);
  if (ended) return ended;
  const digits = world.store.setting(PENDING + id);
  if (!digits) return { to: `${world.url}/c/pay/${id}` };
  if (!form) return { html: challengePage() };
  if (form.get('result') === 'complete') {
    return finish(complete(world, id, { id: world.store.newId('card'), last4: digits, behaviour: 'pays' }));
  }
  world.store.set(PENDING + id, '');
  const customer = world.store.find('customer', idOf(session.customer ?? ''));
  const problem = 'We could not make sure that the card is yours. Try another one.';
  return { status: 402, html: checkoutPage({ session, customer, problem }) };
}

/** Where a session leads that nobody can pay at any more: a second click on Pay goes on as the first did. */
function afterEnd(session: Stripe.Checkout.Session): Shown | undefined {
  if (session.status === 'complete') return finish(session);
  if (session.status === 'open') return undefined;
  const back = session.cancel_url === null ? undefined : { href: session.cancel_url, label: 'Go back' };
  return {
    status: 410,
    html: messagePage('This page has expired', 'Nothing was paid. Begin again where you came from.', back),
  };
}

function finish({ id, success_url: url }: Stripe.Checkout.Session): Shown {
  return { to: (url ?? '/').replaceAll('{CHECKOUT_SESSION_ID}', id) };
}

const HOUR = 3_600;

function portal(world: World, pathname: string, word: string, form: URLSearchParams | undefined): Shown {
  const { store } = world;
  const [, id = ''] = /^(bps_[0-9a-f]+)_/.exec(word) ?? [];
  const session = store.find('portal', id);
  if (!session?.url.endsWith(pathname))
    return { status: 404, html: messagePage('Not found', 'There is no such page.') };
  if (world.clock.now() - session.created > HOUR) {
    return { status: 410, html: messagePage('This page has expired', 'Open it again where you came from.') };
  }
  const { features } = store.get('configuration', idOf(session.configuration));
  const may = { cancel: features.subscription_cancel.enabled, change: features.subscription_update.enabled };
  const subscription = store.list('subscription', session.customer).find((one) => !isOver(one));
  const view = {
    customer: store.get('customer', session.customer),
    subscription,
    prices: monthlyPrices(world),
    invoices: store.list('invoice', session.customer),
    last4: cardOf(world, session.customer)?.last4,
    returnUrl: session.return_url,
    may,
  };
  if (!form) return { html: portalPage(view) };
  if (form.get('act') === 'card') {
    const typed = readCard(form);
    const errors = checkCard(typed, new Date());
    if (Object.keys(errors).length > 0) return { status: 422, html: portalPage({ ...view, typed, errors }) };
    const behaviour = behaviourOf(typed.number);
    if (behaviour === 'declines')
      return { status: 402, html: portalPage({ ...view, typed, problem: 'Your card was declined.' }) };
    const card = { id: store.newId('card'), customer: session.customer, last4: last4(typed) };
    store.put(
      'card',
      { ...card, behaviour: behaviour === 'fails_later' ? 'fails_later' : 'pays' },
      session.customer,
    );
    return { to: session.url };
  }
  const wanted = form.has('price') ? may.change : may.cancel;
  if (subscription && wanted) changePlan(world, subscription, form);
  return { to: session.url };
}

function changePlan(world: World, before: Stripe.Subscription, form: URLSearchParams): void {
  if (before.schedule) endSchedule(world, idOf(before.schedule), 'released');
  const subscription = before.schedule ? changeSubscription(world, before, { schedule: null }) : before;
  const act = form.get('act');
  if (act === 'cancel' || act === 'resume') {
    changeSubscription(world, subscription, {
      cancel_at_period_end: act === 'cancel',
      cancel_at: act === 'cancel' ? periodOf(subscription).end : null,
      canceled_at: act === 'cancel' ? world.clock.now() : null,
    });
    return;
  }
  const price = world.store.get('price', form.get('price') ?? '', 'price');
  // The price above the limit changes along, as the portal's configuration at Stripe has them together.
  const key = price.lookup_key?.replace('_monthly', '_overage');
  const overage = world.store.list('price').find(({ lookup_key: own }) => key !== undefined && own === key);
  const items = subscription.items.data.map((item) => {
    const metered = item.price.recurring?.usage_type === 'metered';
    return { ...item, price: metered ? (overage ?? item.price) : price };
  });
  exchangeItems(world, subscription, items);
}

function monthlyPrices({ store }: World): Stripe.Price[] {
  return store
    .list('price')
    .filter(
      ({ lookup_key: key, active, recurring }) =>
        active && key !== null && recurring?.usage_type === 'licensed',
    );
}

function invoice(world: World, id: string, form: URLSearchParams | undefined): Shown {
  const found = world.store.get('invoice', id);
  if (form && found.status === 'open') {
    attempt(world, found);
    return { to: `${world.url}/i/${id}` };
  }
  return { html: invoicePage(found) };
}

function readCard(form: URLSearchParams): CardFields {
  const field = (name: string) => (form.get(name) ?? '').slice(0, 40);
  return { number: field('number'), expiry: field('expiry'), cvc: field('cvc') };
}

const last4 = ({ number }: CardFields): string => number.replaceAll(/\D/g, '').slice(-4);
