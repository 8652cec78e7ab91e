/** How long ids are remembered in the simulation: short, so that a run outlives it several times. */
export const WINDOW_MS = 6_000;
