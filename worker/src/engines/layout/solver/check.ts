import { findEntry } from '../furniture/catalogue.ts';
import { type Item, itemOf, sceneOf, TIGHT } from './item.ts';
import type { Layout } from './layout.ts';
import { Paths } from './paths.ts';
import { area } from './plane.ts';
import { faultsOf, type Rule } from './rules.ts';

export interface LayoutProblem {
  /** An error is not rendered: the picture would be wrong. A warning is: it would only be unwise. */
  readonly severity: 'error' | 'warning';
  readonly rule: Rule | 'size' | 'floor';
  /** Index of the piece; undefined for the layout as a whole. */
  readonly piece: number | undefined;
  /** What is wrong and what helps, for who edits the file. */
  readonly message: string;
}

const SIDES = ['width', 'depth', 'height'] as const;

/** What is wrong with a layout as a room, in the order of its pieces. */
export function checkLayout({ room, pieces }: Layout): LayoutProblem[] {
  if (area(room.floor) <= 0)
    return [
      {
        severity: 'error',
        rule: 'floor',
        piece: undefined,
        message: 'The floor covers nothing: name its corners counter-clockwise as seen from above.',
      },
    ];
  const scene = sceneOf(room);
  const items = pieces.map((placed) => itemOf(scene, placed, TIGHT));
  const problems: LayoutProblem[] = [];
  for (const [index, item] of items.entries()) {
    problems.push(...sizeProblems(item, index));
    const others = items.filter((other) => other !== item);
    for (const { rule, other } of faultsOf(scene, item, others)) {
      const partner = other ? items.indexOf(other) : undefined;
      // What two pieces have against each other is told once.
      if (partner !== undefined && partner > index) continue;
      const name = nameOf(item, index);
      const { severity, message } = WORDS[rule];
      const told = message(name, other && partner !== undefined ? nameOf(other, partner) : 'a wall');
      problems.push({ severity, rule, piece: index, message: told });
    }
  }
  if (!new Paths(room).areOpen(items))
    problems.push({
      severity: 'warning',
      rule: 'closes_path',
      piece: undefined,
      message: 'One can no longer walk to every door: leave a way of 0.75 m.',
    });
  return problems;
}

function sizeProblems(item: Item, index: number): LayoutProblem[] {
  const [least, , most] = findEntry(item.placed.kind).sizes;
  return SIDES.flatMap((side, axis) => {
    const value = item.placed.size[axis] ?? 0;
    const [from, to] = [least[axis] ?? 0, most[axis] ?? 0];
    if (value >= from - 1e-9 && value <= to + 1e-9) return [];
    const message = `The ${side} of ${nameOf(item, index)} is ${value} m; ${from} to ${to} m are possible.`;
    return [{ severity: 'error' as const, rule: 'size' as const, piece: index, message }];
  });
}

function nameOf({ placed }: Item, index: number): string {
  return `the ${placed.kind.replaceAll('_', ' ')} (pieces[${index}])`;
}

type Words = Pick<LayoutProblem, 'severity'> & { message: (piece: string, other: string) => string };

const error = (message: Words['message']): Words => ({
  severity: 'error',
  message: (...names) => capital(message(...names)),
});
const warning = (message: Words['message']): Words => ({ ...error(message), severity: 'warning' });

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const WORDS: Readonly<Record<Rule, Words>> = {
  outside: error(
    (piece) => `${piece} stands beyond the floor that is seen: move it inwards or make it smaller.`,
  ),
  overlap: error((piece, other) => `${piece} and ${other} are in one place: move one of them.`),
  floating: error(
    (piece) =>
      `${piece} hangs in the air, or over a window or door: set \`at\` and \`lift\` so that something carries it.`,
  ),
  behind_camera: error((piece) => `${piece} stands beside or behind the camera: move it away from it.`),
  on_object: error((piece) => `${piece} stands where the photo shows something else: move it.`),
  blocks_door: warning((piece) => `${piece} is in the way of a door: leave 0.9 m before it.`),
  blocks_window: warning((piece) => `${piece} stands in front of a window and is higher than its sill.`),
  in_the_sun: warning(
    (piece) => `${piece} stands where the sun lies on the floor, and will not look sunlit.`,
  ),
  tight: warning((piece, other) => `There is too little floor between ${piece} and ${other} to use it.`),
  too_near: warning((piece) => `${piece} is so near to the camera that the lens distorts it.`),
  cut_off: warning((piece) => `Only a sliver of ${piece} is in the photo.`),
  hides_door: warning((piece) => `${piece} hides a door.`),
  closes_path: warning((piece) => `${piece} closes the way to a door.`),
};
