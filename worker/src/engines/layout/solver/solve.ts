import type { RoomType } from '../furniture/catalogue.ts';
import type { StyleName } from '../furniture/styles.ts';
import type { Picture as Photo } from '../room/picture.ts';
import type { Placed, Room } from '../scene/types.ts';
import { Backdrop } from './backdrop.ts';
import { chance } from './chance.ts';
import type { Draft, Idea, Recipe, Step } from './draft.ts';
import { hides, TALL } from './hides.ts';
import { type Item, itemOf, type Scene, sceneOf, TIGHT } from './item.ts';
import { settleRoom } from './layout.ts';
import { mainIdeas } from './mains.ts';
import { Paths } from './paths.ts';
import { area, toRoom } from './plane.ts';
import { RECIPES } from './recipes/recipes.ts';
import { faultsOf } from './rules.ts';
import { scoreOf } from './score.ts';
import { seeded } from './seeds.ts';
import { type Stretch, stretchesOf } from './walls.ts';

export interface Wish {
  /** null: what suits the floor. */
  readonly roomType: RoomType | null;
  readonly style: StyleName;
  readonly seed: number;
  /** 0 is the best; each further one stands at another wall or has other pieces. */
  readonly variation: number;
  /** As large as the room was read from: pictures hang only where it shows plain wall. */
  readonly photo?: Photo;
}

export interface Furnished {
  readonly kind: 'furnished';
  readonly roomType: RoomType;
  readonly pieces: readonly Placed[];
  /** 0 to 1. */
  readonly score: number;
}

export interface Refused {
  readonly kind: 'no_floor_space';
  readonly roomType: RoomType;
  readonly why: string;
  /** It was nearly good enough: with other dice, what goes with the main piece may be. */
  readonly byChance: boolean;
}

export type Solution = Furnished | Refused;

/** Main pieces that are tried with all that belongs to them. */
const DRAFTS = 14;
const PER_PLACE = 3;
/** Another layout is worth taking for variety when it is not worse than this share of the best. */
const VARIETY = 0.94;
const CHOICES = 6;
/** How often the dice are thrown again for a variation that is like an earlier one, and what is far from all others. */
const TRIES = 4;
const STRIDE = 101;
/** A worse layout is no help to anybody: the room is refused. */
const WORST = 0.78;
/** How much better other dice may make the best layout of a room. */
const LUCK = 0.08;
/** Fewer pieces are no room. */
const FEWEST = 4;
/** Least share of a piece in the photo, by how it stands. */
const SHOWN = { main: 0.85, floor: 0.97, flat: 0.4, wall: 0.97, top: 0.95 } as const;
/** Metres from the floor up to which skirting, sockets and pipes do not matter behind a piece. */
const BEHIND = 0.35;
/** What a layout loses when its main piece stands before something that the room's reading did not name. */
const COVERS_SOMETHING = 0.04;
/** Metres: a floor in which a seat, a table and a way between them find room. */
const LIVING_AREA = 5.5;

/** Furnishes a room. The same room and wish give the same layout. */
export function solveLayout(seen: Room, wish: Wish): Solution {
  // There is at least one.
  return solveVariations(seen, wish).at(-1) as Solution;
}

/** The variations up to the one that is wished, which has to differ from those before; or the refusal alone. */
export function solveVariations(seen: Room, wish: Wish): readonly Solution[] {
  const room = settleRoom(seen);
  const roomType = wish.roomType ?? (area(room.floor) < LIVING_AREA ? 'home_office' : 'living_room');
  const recipe = RECIPES[roomType];
  const search = new Search(room, recipe, wish);
  return search.run(1) ?? search.run(TIGHT) ?? [{ kind: 'no_floor_space', roomType, ...search.refusal() }];
}

class Search {
  readonly #scene: Scene;
  readonly #stretches: readonly Stretch[];
  readonly #paths: Paths;
  readonly #recipe: Recipe;
  readonly #wish: Wish;
  readonly #backdrop: Backdrop | undefined;
  readonly #reasons = new Map<string, number>();
  /** Score of the best layout that was not good enough. */
  #best = 0;

  constructor(room: Room, recipe: Recipe, wish: Wish) {
    this.#scene = sceneOf(room);
    this.#stretches = stretchesOf(room);
    this.#paths = new Paths(room);
    this.#recipe = recipe;
    this.#wish = wish;
    this.#backdrop = wish.photo && new Backdrop(wish.photo);
  }

  /**
   * All variations up to the wished one: each another layout than those before it, where there is another.
   * @param ease share of the usual free floor about pieces
   */
  run(ease: number): Furnished[] | undefined {
    const plans = new Set<string>();
    const all: Furnished[] = [];
    for (let variation = 0; variation <= this.#wish.variation; variation += 1) {
      let solution: Furnished | undefined;
      for (let again = 0; again < TRIES; again += 1) {
        const rolled = this.#solve(ease, variation + again * STRIDE);
        // A room whose first layout is poor is refused; one more of a good room may fall better.
        if (!rolled && variation === 0) return undefined;
        solution = rolled ?? solution;
        if (rolled && !plans.has(planOf(rolled))) break;
      }
      if (!solution) return undefined;
      plans.add(planOf(solution));
      all.push(solution);
    }
    return all;
  }

  /** @param roll of the dice */
  #solve(ease: number, roll: number): Furnished | undefined {
    const { seed } = this.#wish;
    const drafts = this.#mains(ease)
      .map(({ item, place }) => ({ place, draft: this.#furnish(item, ease, roll) }))
      .filter((one): one is { place: string; draft: Draft } => one.draft !== undefined)
      .map(({ place, draft }) => ({ place, draft, score: this.#scoreOf(draft) }))
      .toSorted((a, b) => b.score - a.score);
    const [best] = drafts;
    if (!best) return undefined;
    // Told first: there were places.
    if (best.score < WORST) {
      this.#best = Math.max(this.#best, best.score);
      return this.#refuse(REASONS.unattractive, Number.POSITIVE_INFINITY);
    }
    const good = inTurn(drafts.filter(({ score }) => score >= VARIETY * best.score));
    const chosen = good[(seed + roll) % Math.min(good.length, CHOICES)] ?? best;
    return {
      kind: 'furnished',
      roomType: this.#recipe.roomType,
      pieces: seeded(
        chosen.draft.items.map(({ placed }) => placed),
        (n) => Math.floor(chance(seed, roll, n, 5) * 1e6),
      ),
      score: chosen.score,
    };
  }

  #scoreOf(draft: Draft): number {
    const { main } = draft;
    if (draft.items.length < FEWEST) return 0;
    const covers = main.entry.wall !== 'free' && !this.#isPlainBehind(main);
    return scoreOf(draft, this.#recipe) - (covers ? COVERS_SOMETHING : 0);
  }

  refusal(): { why: string; byChance: boolean } {
    return { why: this.#why(), byChance: this.#best >= WORST - LUCK };
  }

  /** What kept the smallest main piece from standing anywhere, most frequent first. */
  #why(): string {
    const [{ kind, widths }] = this.#recipe.mains;
    const [least] = widths(0).slice(-1);
    // Who asked for no kind of room did not ask for its main piece.
    const what =
      this.#wish.roomType === null ? 'any set of furniture' : `a ${kind.replaceAll('_', ' ')} of ${least} m`;
    const reasons = [...this.#reasons]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, 2)
      .map(([reason]) => reason);
    const size = area(this.#scene.room.floor).toFixed(1);
    return `There is no place for ${what} on the ${size} m² of floor that can be seen: ${
      reasons.join(', and ') || 'no wall is long enough'
    }.`;
  }

  #mains(ease: number): { item: Item; place: string }[] {
    const ideas = this.#recipe.mains
      .flatMap((main) => mainIdeas(this.#scene, this.#stretches, main))
      .map((idea, n) => ({ ...idea, worth: idea.worth + 0.04 * chance(this.#wish.seed, n, 3) }))
      .toSorted((a, b) => b.worth - a.worth);
    const taken = new Map<string, Item[]>();
    const mains: { item: Item; place: string }[] = [];
    for (const { placed, place = '' } of ideas) {
      if (mains.length >= DRAFTS) break;
      const rivals = taken.get(place) ?? [];
      const near = rivals.some(
        ({ rect }) => Math.hypot(rect.at[0] - placed.at[0], rect.at[1] - placed.at[1]) < 0.3,
      );
      if (rivals.length >= PER_PLACE || near) continue;
      const item = itemOf(this.#scene, placed, ease);
      if (!this.#fits(item, [], SHOWN.main, true)) continue;
      taken.set(place, [...rivals, item]);
      mains.push({ item, place });
    }
    return mains;
  }

  #furnish(main: Item, ease: number, roll: number): Draft | undefined {
    const { seed } = this.#wish;
    let draft: Draft = {
      scene: this.#scene,
      stretches: this.#stretches,
      main,
      items: [main],
      dice: (key) => chance(seed, roll, key, 7),
    };
    for (const step of this.#recipe.steps) {
      const taken = this.#take(draft, step, ease);
      if (!taken && step.must) return undefined;
      if (taken) draft = { ...draft, items: [...draft.items, ...taken] };
    }
    const { tidy } = this.#recipe;
    const items = tidy ? tidy(draft.items, main) : draft.items;
    return items && { ...draft, items };
  }

  #take(draft: Draft, step: Step, ease: number): Item[] | undefined {
    const ideas: readonly Idea[] = step.ideas(draft).toSorted((a, b) => b.worth - a.worth);
    for (const { placed, along = [] } of ideas) {
      const taken: Item[] = [];
      for (const one of [placed, ...along]) {
        const item = itemOf(this.#scene, one, ease);
        const sofar = { ...draft, items: [...draft.items, ...taken] };
        if (!this.#suits(item, sofar, step.must === true)) break;
        taken.push(item);
      }
      if (taken.length > along.length) return taken;
    }
    return undefined;
  }

  #suits(item: Item, draft: Draft, tell: boolean): boolean {
    const { entry } = item;
    if (!entry.styles.includes(this.#wish.style)) return false;
    const least = entry.flat ? SHOWN.flat : SHOWN[entry.stands];
    return this.#fits(item, draft.items, least, tell) && !hides(item, draft);
  }

  /** Whether the photo shows plain wall where the back of a piece would stand, its skirting left aside. */
  #isPlainBehind({ placed, rect }: Item): boolean {
    if (!this.#backdrop) return true;
    const lift = Math.min(BEHIND, placed.size[2] / 2);
    const at = toRoom(rect, [0, rect.depth / 2]);
    const back = this.#scene.picture.outline({
      ...placed,
      at,
      lift,
      size: [placed.size[0], 0.01, placed.size[2] - lift],
    });
    return (
      back !== undefined &&
      this.#backdrop.isPlain(back) &&
      // Under a slope the upper end of what is tall would be in the roof.
      (placed.size[2] <= TALL || this.#backdrop.isOneSurface(back))
    );
  }

  #reasonAgainst(item: Item, others: readonly Item[], least: number): string | undefined {
    const [fault] = faultsOf(this.#scene, item, others);
    if (fault) return REASONS[fault.rule];
    if (item.shown < least) return REASONS.cut_off;
    const hangs = item.entry.stands === 'wall' && item.outline;
    if (hangs && this.#backdrop && !(this.#backdrop.isPlain(hangs) && this.#backdrop.isOneSurface(hangs)))
      return REASONS.floating;
    if (isTallAtWall(item) && !this.#isPlainBehind(item)) return REASONS.on_object;
    return this.#paths.areOpen([...others, item]) ? undefined : REASONS.closes_path;
  }

  #fits(item: Item, others: readonly Item[], least: number, tell: boolean): boolean {
    const reason = this.#reasonAgainst(item, others, least);
    if (reason === undefined) return true;
    if (tell) this.#refuse(reason);
    return false;
  }

  #refuse(reason: string, times = 1): undefined {
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + times);
  }
}

/** What stands where, to the decimetre: layouts are alike that have the same. */
function planOf({ pieces }: Furnished): string {
  return pieces
    .map(({ kind, at, turn }) => [kind, ...[...at, turn].map((v) => v.toFixed(1))].join())
    .join(';');
}

function isTallAtWall({ entry, placed }: Item): boolean {
  return entry.stands === 'floor' && entry.wall === 'must' && placed.size[2] > TALL;
}

/** The best of each place, then the second best of each, and so on. */
function inTurn<T extends { readonly place: string }>(ranked: readonly T[]): T[] {
  const rounds = ranked.map((one, n) => ({
    one,
    round: ranked.slice(0, n).filter(({ place }) => place === one.place).length,
  }));
  return rounds.toSorted((a, b) => a.round - b.round).map(({ one }) => one);
}

const REASONS = {
  outside: 'it would stand beyond the floor that is seen',
  overlap: 'other pieces are in the way',
  floating: 'nothing would carry it',
  behind_camera: 'it would stand behind the camera',
  blocks_door: 'a door needs the floor',
  blocks_window: 'it would stand in front of a window',
  on_object: 'something stands there',
  in_the_sun: 'the sun lies on the floor there',
  tight: 'too little floor would be left to walk about it',
  too_near: 'it would be too near to the camera',
  cut_off: 'the border of the photo would cut it',
  hides_door: 'it would hide a door',
  closes_path: 'it would close the way to a door',
  unattractive: 'what goes with it finds no good place',
} as const;
