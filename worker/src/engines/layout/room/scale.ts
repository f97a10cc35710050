/** What is usual, in metres, and how far from it, as a logarithm. */
const CAMERA = { usual: 1.42, spread: 0.1 };
const CEILING = { usual: 2.58, spread: 0.09 };
const DOOR = { usual: 2.09, spread: 0.03 };

/**
 * Height of the camera above the floor in metres. A photo does not tell it; doors are of a height, ceilings nearly so, and
 * people hold cameras between chest and eye.
 * @param ceiling height in camera heights
 * @param doors heights of their heads in camera heights
 */
export function cameraHeight(ceiling: number | undefined, doors: readonly number[]): number {
  const guesses = [
    CAMERA,
    ...(ceiling === undefined ? [] : [{ usual: CEILING.usual / ceiling, spread: CEILING.spread }]),
    ...doors.map((top) => ({ usual: DOOR.usual / top, spread: DOOR.spread * Math.sqrt(doors.length) })),
  ];
  let sum = 0;
  let weight = 0;
  for (const { usual, spread } of guesses) {
    sum += Math.log(usual) / spread ** 2;
    weight += 1 / spread ** 2;
  }
  return Math.exp(sum / weight);
}
