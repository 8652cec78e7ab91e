/** The most taps of a tab that are kept; newer ones are not. */
const MOST_TAPS = 1000;

/** A like that has no answer yet. */
export type Tap = readonly [channel: string, likeId: string, reaction: string | undefined];

/** Keeps the likes of a tab for a later page. A page may not be allowed to, or have no room. */
export function saveTaps(key: string, taps: readonly Tap[]): void {
  try {
    if (taps[0]) localStorage[key] = JSON.stringify(taps.slice(0, MOST_TAPS));
    else delete localStorage[key];
  } catch {}
}

/** Takes the likes of a tab that has ended. */
export function takeTaps(key: string): Tap[] {
  try {
    const taps = localStorage[key];
    delete localStorage[key];
    return JSON.parse(taps);
  } catch {
    return [];
  }
}

/** The tabs that have kept likes. */
export function tabsWithTaps(name: string): string[] {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(name));
    return keys.map((key) => key.slice(name.length));
  } catch {
    return [];
  }
}
