export { DATABASE, type DatabaseUrls, ensureDatabase } from './database.ts';
export { quitLeftover } from './leftover.ts';
export type { ServerExit } from './server.ts';
export { type RunningPostgres, type StartPostgresOptions, startPostgres, timeBareStart } from './start.ts';
