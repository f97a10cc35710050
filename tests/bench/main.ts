import { BENCHES } from './registry.ts';
import type { Result } from './result.ts';

const USAGE = `Usage: npm run bench -- NAME [--json]
       npm run bench -- --list`;

const args = process.argv.slice(2);
const json = args.includes('--json');
const [name] = args.filter((arg) => !arg.startsWith('--'));

if (args.includes('--list')) {
  for (const bench of BENCHES) process.stdout.write(`${bench.name.padEnd(15)} ${bench.about}\n`);
  process.exit(0);
}
const bench = BENCHES.find((one) => one.name === name);
if (!bench) {
  process.stderr.write(`${name ? `There is no benchmark ${name}.\n` : ''}${USAGE}\n`);
  process.exit(2);
}
const results = await bench.run();
if (json) process.stdout.write(`${JSON.stringify({ name: bench.name, results })}\n`);
else for (const line of results) process.stdout.write(`${describe(line)}\n`);
process.exit(results.some((line) => line.ok === false) ? 1 : 0);

function describe({ metric, unit, value, baseline, ratio, goal, ok }: Result): string {
  const figure = `${metric}: ${shown(value)} ${unit}`;
  const compared =
    baseline === null ? '' : `, baseline ${shown(baseline)} ${unit}, ratio ${shown(ratio ?? 0)}`;
  const verdict = goal === null ? '' : ` (goal ${goal}: ${ok ? 'met' : 'NOT met'})`;
  return figure + compared + verdict;
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
