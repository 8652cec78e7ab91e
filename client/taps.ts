/** The most taps of a tab that are kept; newer ones are not. */
const MOST_TAPS = 1000;

/** A like that has no answer yet. */
export type Tap = readonly [channel: string, likeId: string, reaction: string | undefined];

/** The storage of this site; a page may not be allowed to have one. */
let storage: Record<string, string> = {};
try {
  storage = localStorage;
} catch {}

/** Keeps the likes of a tab for a later page, if there is room. */
export function saveTaps(key: string, taps: readonly Tap[]): void {
  try {
    if (taps[0]) storage[key] = JSON.stringify(taps.slice(0, MOST_TAPS));
    else delete storage[key];
  } catch {}
}

/** Takes the likes of a tab that has ended. */
export function takeTaps(key: string): Tap[] {
  const taps: Tap[] = JSON.parse(storage[key] ?? '[]');
  delete storage[key];
  return taps;
}

/** The tabs that have kept likes. */
export function tabsWithTaps(name: string): string[] {
  const keys = Object.keys(storage).filter((key) => key.startsWith(name));
  return keys.map((key) => key.slice(name.length));
}
