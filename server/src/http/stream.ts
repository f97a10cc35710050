import type { Context } from 'koa';
import type { Credentials, Exchange, OpenStream } from './endpoint.ts';
import { type EndReason, pipeEvents, writeStreamHead } from './sse.ts';

/** No stream lives longer, whatever its token says; timers cannot count beyond 24.8 days. */
const LIFE_MAX_MS = 24 * 60 * 60 * 1000;

/** Answers with events until the client leaves, its token or access ends, or the process drains. */
export async function answerStream(
  ctx: Context,
  { deps, signal, requestId }: Exchange,
  { token, caller }: Credentials,
  open: OpenStream,
): Promise<void> {
  const end = new AbortController();
  const stop = (reason: EndReason) => end.abort(reason);
  const onGone = () => stop('shutdown');
  const left = token.expiresAt.getTime() - deps.clock.now().getTime();
  const expiry = setTimeout(stop, Math.min(Math.max(0, left), LIFE_MAX_MS), 'token_expired');
  const access = setInterval(() => {
    // While the database is away nobody's access has ended.
    Promise.all([deps.callers.mayStill(caller), deps.personalTokens.mayStill(token)]).then(
      (both) => both.every(Boolean) || stop('access_ended'),
      ignore,
    );
  }, deps.settings.streams.accessCheckMs);
  deps.draining.addEventListener('abort', onGone);
  signal.addEventListener('abort', onGone);
  if (deps.draining.aborted || signal.aborted) onGone();
  const source = open(end.signal);
  ctx.respond = false;
  ctx.status = 200;
  try {
    writeStreamHead(ctx.res);
    const reason = await pipeEvents(ctx.res, source, end.signal, deps.settings.streams.drainMs);
    deps.log.debug({ requestId, reason }, 'stream ended');
  } finally {
    clearTimeout(expiry);
    clearInterval(access);
    deps.draining.removeEventListener('abort', onGone);
    signal.removeEventListener('abort', onGone);
    await source.return(undefined);
  }
}

function ignore(): void {}
