export { purgeKept } from './purge.ts';
export { workOnDueRun } from './runner.ts';
export type { ReconcileDeps } from './scan.ts';
export { subscriptionsAt } from './subscriptions.ts';
