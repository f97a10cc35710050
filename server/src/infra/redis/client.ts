import { createClient, type RedisClient } from 'redis';

/**
 * A client of Redis that connects once: when the connection ends, so does the client. Whoever uses it makes another,
 * with whatever belongs to a new connection. (bee-queue loads its scripts for the first connection only, and its delay
 * after failures doubles without end: a new queue on a new connection knows neither.)
 */
export function connectOnce(url: string): RedisClient {
  return createClient({ url, retry_strategy: () => undefined, socket_keepalive: true, ...tlsOf(url) });
}

/**
 * A client that connects again by itself, and refuses calls at once while it is not connected.
 * @param retryMs between two attempts
 */
export function connectAlways(url: string, retryMs: number): RedisClient {
  return createClient({
    url,
    enable_offline_queue: false,
    retry_strategy: () => retryMs,
    socket_keepalive: true,
    ...tlsOf(url),
  });
}

function tlsOf(url: string): { tls?: { servername: string } } {
  const { protocol, hostname } = new URL(url);
  return protocol === 'rediss:' ? { tls: { servername: hostname } } : {};
}

/** @throws Error that names what did not come in time */
export function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} took more than ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
