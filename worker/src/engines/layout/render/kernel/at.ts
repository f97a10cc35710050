// The compiler does not know the bounds of a loop, and a fallback for what cannot be missing would hide a mistake. One
// function for each kind of array: V8 reads the array of a function that sees a single kind without asking.

/** @param index within the array */
export function f32(numbers: Float32Array, index: number): number {
  return numbers[index] as number;
}

/** @param index within the array */
export function i32(numbers: Int32Array, index: number): number {
  return numbers[index] as number;
}

/** @param index within the array */
export function u32(numbers: Uint32Array, index: number): number {
  return numbers[index] as number;
}
