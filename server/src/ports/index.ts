export * from './access.ts';
export * from './clock.ts';
export * from './doorbell.ts';
export * from './identity.ts';
export * from './limiter.ts';
export * from './notifier.ts';
export * from './objects.ts';
export * from './store.ts';
