import { createHmac } from 'node:crypto';
import { secretsOf } from './resources/webhookEndpoints.ts';
import type { Delivery, FakeStore } from './store.ts';

/** Milliseconds until the next try, after so many. Stripe takes hours; here somebody is waiting. */
const PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000];
const LAST_PAUSE_MS = 60_000;
/** Some three days at a try a minute. */
const MOST_ATTEMPTS = 4_000;
const TIMEOUT_MS = 10_000;

export interface Deliveries {
  /** Looks at once whether something is due. */
  wake(): void;
  /** Ends what is under way; what was not delivered is, at the next start. */
  close(): Promise<void>;
}

interface Options {
  readonly store: FakeStore;
  readonly log: (line: string) => void;
}

/** Sends events to the endpoints that want them, one after the other, until each was answered with a success. */
export function startDeliveries({ store, log }: Options): Deliveries {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;

  function wake(): void {
    clearTimeout(timer);
    if (ending.signal.aborted) return;
    if (running) {
      again = true;
      return;
    }
    running = work().finally(() => {
      running = undefined;
      if (again) {
        again = false;
        wake();
      }
    });
  }

  async function work(): Promise<void> {
    while (!ending.signal.aborted) {
      const next = choose(store.deliveries(), Date.now(), store.setting('webhooks') === 'shuffle');
      if (!next || store.setting('webhooks') === 'hold') return;
      if (next.dueAt > Date.now()) {
        timer = setTimeout(wake, next.dueAt - Date.now()).unref();
        return;
      }
      await deliver(next);
    }
  }

  async function deliver({ seq, event: id, attempts }: Delivery): Promise<void> {
    const event = store.find('event', id);
    const endpoints = store
      .list('endpoint')
      .filter(({ enabled_events: wanted }) => wanted.some((one) => one === '*' || one === event?.type));
    if (!event || endpoints.length === 0) return store.endDelivery(seq);
    const times = store.setting('webhooks') === 'duplicate' ? 2 : 1;
    const sent = endpoints.flatMap(({ id: endpoint, url }) =>
      Array.from({ length: times }, () => send(url, JSON.stringify(event), secretsOf(store, endpoint))),
    );
    const outcomes = await Promise.all(sent);
    if (ending.signal.aborted) return;
    const wrong = outcomes.find((outcome) => outcome !== undefined);
    if (wrong === undefined) return store.endDelivery(seq);
    log(`${event.type} ${id}: ${wrong} (attempt ${attempts + 1})`);
    if (attempts + 1 >= MOST_ATTEMPTS) return store.endDelivery(seq);
    store.postponeDelivery(seq, Date.now() + (PAUSES_MS[attempts] ?? LAST_PAUSE_MS));
  }

  /** @returns what went wrong */
  async function send(url: string, body: string, secrets: readonly string[]): Promise<string | undefined> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': sign(body, secrets, Math.floor(Date.now() / 1000)),
          'user-agent': 'Stripe/1.0 (fake of the embedded stack)',
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([ending.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `answered with ${response.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  wake();
  return {
    wake,
    async close() {
      ending.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

/** What is due first; among all that are due any, where the order is to be mixed. */
function choose(all: readonly Delivery[], now: number, mixed: boolean): Delivery | undefined {
  const due = all.filter(({ dueAt }) => dueAt <= now);
  return mixed && due.length > 0 ? due[Math.floor(Math.random() * due.length)] : all[0];
}

/** Stripe's scheme `v1`: one signature for each secret. @param at seconds since the epoch */
export function sign(body: string, secrets: readonly string[], at: number): string {
  const signatures = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`,
  );
  return [`t=${at}`, ...signatures].join(',');
}
