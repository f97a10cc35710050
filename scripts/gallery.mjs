import { handOver } from './lib/bootstrap.mjs';

await handOver('scripts/gallery/main.ts', process.argv.slice(2));
