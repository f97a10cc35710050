import { routes } from '../../contract/index.ts';
import { DomainError } from '../../core/errors.ts';
import { publicEndpoint } from '../endpoint.ts';

export default publicEndpoint(routes.getReadiness, async ({ deps }) => {
  if (deps.draining.aborted)
    throw new DomainError('unavailable', 'This process is shutting down.', { retryAfter: 1 });
  const [store, objects] = await Promise.allSettled([
    deps.store.check(),
    deps.objects.check(AbortSignal.timeout(3_000)),
  ]);
  const failing = Object.entries({ store, objects }).filter(([, check]) => check.status === 'rejected');
  if (failing.length > 0) {
    throw new DomainError('unavailable', `Failing: ${failing.map(([name]) => name).join(', ')}.`, {
      retryAfter: 5,
    });
  }
  return {
    status: 'ok' as const,
    checks: { store: 'ok' as const, objects: 'ok' as const },
    adapters: { ...deps.settings.adapters },
  };
});
