export interface Result {
  readonly metric: string;
  readonly unit: string;
  readonly value: number;
  /** Measured in the same run; null when the figure stands alone. */
  readonly baseline: number | null;
  readonly ratio: number | null;
  /** As in `<= 1.6` or `>= 0.7`, of the ratio (of the value when there is no baseline); null without one. */
  readonly goal: string | null;
  readonly ok: boolean | null;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  run(): Promise<Result[]>;
}

/** @param goal `<= N` or `>= N`, of the ratio or, without a baseline, of the value */
export function result(
  metric: string,
  unit: string,
  value: number,
  baseline: number | null,
  goal: string | null,
  ratioOf: (value: number, baseline: number) => number = (a, b) => a / b,
): Result {
  const ratio = baseline === null ? null : ratioOf(value, baseline);
  return {
    metric,
    unit,
    value,
    baseline,
    ratio,
    goal,
    ok: goal === null ? null : meets(ratio ?? value, goal),
  };
}

function meets(figure: number, goal: string): boolean {
  const [operator, limit] = goal.split(' ');
  return operator === '<=' ? figure <= Number(limit) : figure >= Number(limit);
}

/** Of rates of several rounds, the one that was disturbed least. */
export function best(rates: readonly number[]): number {
  return Math.max(...rates);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
