import { parseArgs } from 'node:util';
import { FAULTS } from './faults.ts';
import { runChaos } from './run.ts';

const USAGE = `Usage: npm run chaos [-- --seed N --images N --only NAME … --list]

Strikes every part of a system on PostgreSQL, MinIO and Redis amid photos in work. After each fault it looks whether every
photo ended exactly once, no output was published twice, no event was lost and no connection or process is left. Needs what
\`npm run services\` installs. The seed of a run makes it again, also one fault of it by itself.`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    images: { type: 'string', default: '200' },
    only: { type: 'string', multiple: true },
    list: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);
if (values.help) {
  say(USAGE);
} else if (values.list) {
  for (const { name } of FAULTS) say(name);
} else {
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  say(`seed ${seed}`);
  const { rounds, left } = await runChaos({ seed, images: Number(values.images), only: values.only, say });
  const failed = rounds.filter(({ wrong }) => wrong.length > 0).length;
  say(
    `${rounds.length - failed} faults survived, ${failed} not; ${left.length} things left behind (seed ${seed})`,
  );
  process.exitCode = failed + left.length === 0 && rounds.length > 0 ? 0 : 1;
}
