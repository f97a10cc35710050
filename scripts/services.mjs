import { handOver } from './lib/bootstrap.mjs';

await handOver('scripts/services.ts', process.argv.slice(2));
