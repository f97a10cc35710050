import { handOver } from './lib/bootstrap.mjs';

await handOver('server/src/dev/stripe/main.ts', process.argv.slice(2));
