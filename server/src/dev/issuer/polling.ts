import type { Context, Middleware } from 'koa';
import type { OIDCContext } from 'oidc-provider';
import { approveDevice, findUser, type IssuerContext } from './approval.ts';
import { AUTO_APPROVED_USER } from './options.ts';

/** Device codes whose last poll is remembered; the oldest is forgotten first. */
const REMEMBERED = 1000;

/**
 * Whether a poll comes too soon after the one before (RFC 8628 section 3.5). Half an interval is let pass:
 * the answer makes a client wait 5 s longer each time, which a little jitter has not earned.
 */
export function polledTooSoon(lastMs: number | undefined, nowMs: number, intervalSeconds: number): boolean {
  return lastMs !== undefined && nowMs - lastMs < intervalSeconds * 500;
}

/**
 * Completes the provider's answers to device clients: the `interval`, which it does not send, and
 * `slow_down`. With `autoApprove` it also answers for the person, before the client hears of its code: the
 * code is found by the value just issued and approved as the user `demo`, by the same function as the
 * page's Approve button. Only a request that comes in over loopback is answered so.
 */
export function devicePolling(context: IssuerContext): Middleware {
  const { options } = context;
  const interval = options.pollIntervalSeconds ?? (options.autoApprove ? 0.05 : 1);
  const lastPoll = new Map<string, number>();
  return async (ctx, next) => {
    await next();
    const oidc = oidcOf(ctx);
    const body: unknown = ctx.body;
    if (oidc === undefined || !isRecord(body)) return;
    if (oidc.route === 'device_authorization' && ctx.status === 200) {
      body['interval'] = interval;
      await autoApprove(context, ctx, body['device_code']);
    }
    if (oidc.route === 'token' && body['error'] === 'authorization_pending') {
      const code = String(oidc.params?.['device_code']);
      const now = performance.now();
      if (polledTooSoon(lastPoll.get(code), now, interval)) {
        ctx.body = { error: 'slow_down', error_description: `poll every ${interval} s at most` };
      }
      remember(lastPoll, code, now);
    }
  };
}

async function autoApprove(context: IssuerContext, ctx: Context, deviceCode: unknown): Promise<void> {
  const { options, provider } = context;
  if (!options.autoApprove || !isLoopback(ctx.req.socket.remoteAddress)) return;
  const user = findUser(options, AUTO_APPROVED_USER);
  const code = await provider.DeviceCode.find(String(deviceCode));
  if (user === undefined || code?.clientId === undefined) return;
  await approveDevice(context, code, code.clientId, user);
}

export function isLoopback(address: string | undefined): boolean {
  const plain = (address ?? '').replace(/^::ffff:/, '');
  return plain === '::1' || plain.startsWith('127.');
}

function remember(lastPoll: Map<string, number>, code: string, now: number): void {
  lastPoll.delete(code);
  lastPoll.set(code, now);
  const [oldest] = lastPoll.keys();
  if (lastPoll.size > REMEMBERED && oldest !== undefined) lastPoll.delete(oldest);
}

/** The provider hangs its context on the routes that are its own. */
function oidcOf(ctx: Context): OIDCContext | undefined {
  // Koa's type does not know the property; the provider's documentation names it for middleware around it.
  return 'oidc' in ctx ? (ctx['oidc'] as OIDCContext) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
