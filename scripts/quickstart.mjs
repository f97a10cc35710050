import { handOver } from './lib/bootstrap.mjs';

await handOver('scripts/quickstart/main.ts', process.argv.slice(2));
