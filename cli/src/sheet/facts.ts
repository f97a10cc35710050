import type { Fact } from './page.ts';

/** What the report of an engine says that a person wants to know beside the picture. */
export function reportFacts(report: unknown): Fact[] {
  const made = part(report, 'made');
  const label = part(report, 'label');
  const guarantee = part(report, 'guarantee');
  const facts: (Fact | undefined)[] = [
    fact('What it is', part(report, 'kind')),
    fact('Room', part(made, 'roomType')),
    fact('Style', part(made, 'style')),
    fact('Pieces', listOf(part(made, 'pieces'))),
    fact('Score', part(made, 'score')),
    fact('Seed', part(made, 'seed')),
    fact('Label', part(label, 'text')),
    part(guarantee, 'holds') === true ? fact('Check', 'nothing else of the photo was changed') : undefined,
  ];
  return facts.filter((one) => one !== undefined);
}

function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function listOf(value: unknown): string | undefined {
  return Array.isArray(value) && value.length > 0 ? value.map(words).join(', ') : undefined;
}

function fact(name: string, value: unknown): Fact | undefined {
  return typeof value === 'string' || typeof value === 'number' ? [name, words(value)] : undefined;
}

/** `living_room` as people write it. */
export function words(value: unknown): string {
  return String(value).replaceAll('_', ' ');
}
