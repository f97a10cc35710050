import { api } from './api.ts';
import { auth } from './auth.ts';
import { billing } from './billing.ts';
import { engine } from './engine.ts';
import { pickup } from './pickup.ts';
import { queue } from './queue.ts';
import { reconcile, reconcileMinio } from './reconcile.ts';
import type { Bench } from './result.ts';
import { stack } from './stack.ts';
import { start } from './start.ts';
import { upload } from './upload.ts';
import { webhooks } from './webhooks.ts';

export const BENCHES: readonly Bench[] = [
  stack,
  start,
  upload,
  pickup,
  queue,
  api,
  auth,
  billing,
  engine,
  reconcile,
  reconcileMinio,
  webhooks,
];
