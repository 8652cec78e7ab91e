/** Retentions of the monotonic clock after which ids and checkpoints are dropped in any case. */
export const STUCK_RETENTIONS = 4;

/** The two clocks by which an owner drops ids and checkpoints. */
export interface Now {
  /** The log's time (`dedupe-window.ts`); undefined while it has none. */
  readonly logTime: number | undefined;
  /** The owner's monotonic clock, ms. */
  readonly monotonic: number;
}
