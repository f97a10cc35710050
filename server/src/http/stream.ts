import type { Context } from 'koa';
import type { Exchange, OpenStream } from './endpoint.ts';
import { type EndReason, pipeEvents, writeStreamHead } from './sse.ts';

/** Between two looks at whether the caller may still read. */
const ACCESS_CHECK_MS = 3_000;
/** No stream lives longer, whatever its token says; timers cannot count beyond 24.8 days. */
const LIFE_MAX_MS = 24 * 60 * 60 * 1000;

/** Answers with events until the client leaves, its token or access ends, or the process drains. */
export async function answerStream(ctx: Context, exchange: Exchange, open: OpenStream): Promise<void> {
  const { deps, token, caller, signal } = exchange;
  if (!token || !caller) throw new Error('a stream needs a caller');
  const end = new AbortController();
  const stop = (reason: EndReason) => end.abort(reason);
  const onGone = () => stop('shutdown');
  const left = token.expiresAt.getTime() - deps.clock.now().getTime();
  const expiry = setTimeout(stop, Math.min(Math.max(0, left), LIFE_MAX_MS), 'token_expired');
  const access = setInterval(() => {
    deps.callers.resolve(caller.principal).then(
      ({ accountId }) => {
        // Whoever was removed may have an account of their own by now; this stream is of the old one.
        if (accountId !== caller.accountId) stop('access_ended');
      },
      (error: unknown) => {
        if (error instanceof Error && 'status' in error && error.status === 403) stop('access_ended');
      },
    );
  }, ACCESS_CHECK_MS);
  deps.draining.addEventListener('abort', onGone);
  signal.addEventListener('abort', onGone);
  if (deps.draining.aborted || signal.aborted) onGone();
  const source = open(end.signal);
  ctx.respond = false;
  ctx.status = 200;
  try {
    writeStreamHead(ctx.res);
    const reason = await pipeEvents(ctx.res, source, end.signal);
    deps.log.debug({ requestId: exchange.requestId, reason }, 'stream ended');
  } finally {
    clearTimeout(expiry);
    clearInterval(access);
    deps.draining.removeEventListener('abort', onGone);
    signal.removeEventListener('abort', onGone);
    await source.return(undefined);
  }
}
