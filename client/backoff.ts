const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

/**
 * The time before a next try: what the server asks for, else one that doubles; up to half of it is
 * added or left out at random, so that clients do not return together.
 * @param failures how many tries have failed, from 1
 * @param random a number from 0 to 1
 */
export function delayMs(failures: number, random: number, requestedMs = 0): number {
  if (requestedMs > 0) return Math.min(requestedMs, 10 * LONGEST_MS) * (1 + random / 4);
  return Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS) * (0.5 + random);
}
