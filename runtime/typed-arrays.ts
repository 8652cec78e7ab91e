/** Copies `array` to the beginning of `larger`, and returns `larger`. */
export function grown<T extends Int32Array | Uint16Array | Uint8Array>(array: T, larger: T): T {
  larger.set(array);
  return larger;
}
