/**
 * The stages of a like's way. `accepted`, `logged` and `stored` are how long each took; the others
 * are how old the oldest like of a batch was by then. Storing is not on the way to a viewer.
 */
export const STAGES = [
  'accepted',
  'logged',
  'stored',
  'folded',
  'looked_up',
  'delivered',
  'written',
] as const;

export type Stage = (typeof STAGES)[number];

/** What services tell of their work while they do it. */
export interface Measures {
  /** A like, or a batch of them, has passed a stage: how long it took, or how old it is, ms. */
  stage(stage: Stage, ms: number): void;
  /** An owner has counted likes. */
  folded(likes: number): void;
  /** Another datacenter's word has come: how old the oldest like in it was by then, ms. */
  heard(datacenter: string, ms: number): void;
  /** Viewers were sent likes: the sum of `new` over them. */
  delivered(likes: number): void;
}

/** For where nobody wants to know. */
export const UNMEASURED: Measures = {
  stage: () => undefined,
  folded: () => undefined,
  heard: () => undefined,
  delivered: () => undefined,
};
