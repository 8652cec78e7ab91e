/** The dedupe window of the simulation: short, so that a run lasts for many windows. */
export const WINDOW_MS = 6_000;
