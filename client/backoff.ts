const FIRST_MS = 500;
const LONGEST_MS = 20_000;

/**
 * The time before a next try: at least what the server asks for, else one that doubles; spread, so
 * that clients do not return together.
 * @param failures how many tries have failed, from 1
 * @param random a number from 0 to 1
 */
export function delayMs(failures: number, random: number, requestedMs = 0): number {
  const ms = requestedMs || Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS) / 2;
  return ms + random * (requestedMs ? ms / 4 : 2 * ms);
}
