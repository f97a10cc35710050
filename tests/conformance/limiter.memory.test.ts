import { createMemoryLimiter } from '../../server/src/infra/limiter/memory.ts';
import { describeLimiter, TEST_LIMITS } from './limiter.ts';

describeLimiter(
  'in process',
  async () => createMemoryLimiter(TEST_LIMITS),
  async () => undefined,
);
