export { createPostgresAdminStore } from './admin.ts';
export { createPostgresJobStore } from './jobStore.ts';
export { createListener, type Listener } from './listener.ts';
export { createPostgresDeletionJobs } from './operators/deletions.ts';
export { createPostgresPaymentJobs } from './payments/jobs.ts';
export { createPostgresReconcileStore } from './reconcile/store.ts';
export { refuseMightyRoles } from './role.ts';
export { createPostgresStore, type StoreOptions } from './store.ts';
