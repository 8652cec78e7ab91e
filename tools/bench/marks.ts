/** The counts of a load client since its start. */
export interface Counts {
  /** The time of the counts, ms since the epoch. */
  readonly at: number;
  /** User and system time of the client, s. */
  readonly cpu: number;
  readonly open: number;
  readonly opened: number;
  /** Streams that ended after they were open. */
  readonly closed: number;
  readonly failed: number;
  readonly refused: number;
  readonly byes: number;
  /** `likes` events, and the sum of `new` over them. */
  readonly frames: number;
  readonly likes: number;
  readonly comments: number;
  readonly bytes: number;
  readonly snapshots: number;
  /** Events where the total before + `new` was not the total. */
  readonly broken: number;
  readonly unreadable: number;
  readonly snapshotsAfterResume: number;
  readonly posts: number;
  readonly answered: number;
  readonly postsRefused: number;
  readonly late: number;
  /** Posts that were left out, because no connection was free when they were due. */
  readonly unsent: number;
  /** Connections that post and that were opened in advance. */
  readonly postersOpened: number;
  /** Likes in the posts that were answered 2xx. */
  readonly posted: number;
}

export interface Mark extends Counts {
  readonly kind: 'mark';
  /** The greatest latency since the last mark, µs. */
  readonly max: number;
  /** Latencies of likes since the last mark, µs, each with its count. */
  readonly latency: readonly (readonly [number, number])[];
  /** The same for the oldest like in each frame. */
  readonly oldest: Mark['latency'];
  /** Latencies of comments since the last mark, µs. */
  readonly commentAges: Mark['latency'];
  /** The times from posts to their answers since the last mark, µs. */
  readonly answers: Mark['latency'];
  /** The same of the posts that were answered 2xx. */
  readonly accepted: Mark['latency'];
}

/** The least and the greatest last total of a video's viewers; null without viewers. */
export interface Totals {
  readonly kind: 'totals';
  readonly totals: readonly (readonly [number, number] | null)[];
}

export interface Storm {
  readonly kind: 'storm';
  readonly viewers: number;
  /** Time until the last viewer was connected, ms. */
  readonly connectedMs: number;
  /** Time until the last viewer had a total again, ms. */
  readonly exactMs: number;
}

export type Report = ({ readonly kind: 'progress' } & Counts) | Mark | Totals | Storm;
