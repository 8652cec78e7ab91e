/**
 * The stages of an entry. Of `accepted`, `logged` and `stored` the duration is measured; of the
 * other stages, the age of the oldest entry of a batch at their end. No stage waits for `stored`.
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

/** The measurements that the roles make; `type` is the name of an event type. */
export interface Measures {
  /** Called at the end of a stage, with its duration or the age of the oldest entry, ms. */
  stage(type: string, stage: Stage, ms: number): void;
  /** Called when a producer has answered, with the entries that were new or known. */
  taken(type: string, outcome: 'new' | 'known', entries: number): void;
  /** Called when an owner has counted entries. */
  folded(type: string, entries: number): void;
  /** Called for each update of another datacenter, with the age of its oldest entry, ms. */
  peerUpdate(type: string, datacenter: string, ms: number): void;
  /** Called when viewers were sent events, with the sum of `Policy.count` over all of them. */
  delivered(type: string, entries: number): void;
}

/** No-op measures. */
export const UNMEASURED: Measures = {
  stage: () => undefined,
  taken: () => undefined,
  folded: () => undefined,
  peerUpdate: () => undefined,
  delivered: () => undefined,
};
