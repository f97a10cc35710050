import type { RouteSpec } from './route.ts';
import { routes } from './routes/index.ts';

export * from './errors.ts';
export * from './route.ts';
export * from './schemas/account.ts';
export * from './schemas/admin.ts';
export * from './schemas/billing.ts';
export * from './schemas/catalog.ts';
export * from './schemas/common.ts';
export * from './schemas/deletions.ts';
export * from './schemas/events.ts';
export * from './schemas/images.ts';
export * from './schemas/jobs.ts';
export * from './schemas/layout.ts';
export * from './schemas/members.ts';
export * from './schemas/payments.ts';
export * from './schemas/projects.ts';
export * from './schemas/reconcile.ts';
export * from './schemas/stats.ts';
export * from './schemas/stripeEvents.ts';
export * from './schemas/tokens.ts';
export * from './schemas/uploads.ts';
export * from './scopes.ts';
export { routes };

export type Routes = typeof routes;
export type RouteName = keyof Routes;

/** The route table as a list, sorted by path and method. */
export const routeList: readonly RouteSpec[] = Object.values(routes).toSorted(
  (a, b) => a.path.localeCompare(b.path) || a.method.localeCompare(b.method),
);
