/**
 * The stages of a like. Of `accepted`, `logged` and `stored` the duration is measured; of the other
 * stages, the age of the oldest like of a batch at their end. No stage waits for `stored`.
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

/** The measurements that the roles make. */
export interface Measures {
  /** Called at the end of a stage, with its duration or the age of the oldest like, ms. */
  stage(stage: Stage, ms: number): void;
  /** Called when an owner has counted likes. */
  folded(likes: number): void;
  /** Called for each update of another datacenter, with the age of its oldest like, ms. */
  peerUpdate(datacenter: string, ms: number): void;
  /** Called when viewers were sent likes, with the sum of `new` over all events. */
  delivered(likes: number): void;
}

/** No-op measures. */
export const UNMEASURED: Measures = {
  stage: () => undefined,
  folded: () => undefined,
  peerUpdate: () => undefined,
  delivered: () => undefined,
};
