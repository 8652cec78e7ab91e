import { Histogram } from './histogram';

const MAX_EXAMPLES = 5;

/** Everything that is counted over all viewers and posts. */
export class Tally {
  /** Like → viewer, µs: of the oldest like in each frame. */
  readonly latency = new Histogram();
  /** The sum of the same, µs: for a mean. */
  latencySum = 0;
  /** The same since the last progress line. */
  readonly latestLatency = new Histogram();
  /** First connect → first total, µs, one value a viewer. */
  readonly joining = new Histogram();
  /** POST → the answer that settled it, µs. */
  readonly posting = new Histogram();

  /** `likes` events received. */
  frames = 0;
  /** Sum of `new` over them. */
  delivered = 0;
  /** Those whose likes were taken before this connection was there: no latency is told of them. */
  caughtUp = 0;
  /** When the last `likes` event came, ms since the epoch. */
  lastFrameAt = 0;

  /** `likes` events where the total before + `new` was not the total. */
  notAddingUp = 0;
  stepsBack = 0;
  snapshotsAfterResume = 0;
  /** Events that were no JSON, or not what the contract says. */
  unreadable = 0;

  cuts = 0;
  byes = 0;
  /** Connections opened again, for whatever reason. */
  reconnects = 0;
  /** Streams let go because nothing came for too long. */
  silences = 0;
  /** Reasons for streams that ended in an error, and how many. */
  readonly streamErrors = new Map<string, number>();

  /** POSTs by status, or by the error's code. */
  readonly answers = new Map<string, number>();
  /** Likes that were sent (doubles not among them). */
  likesSent = 0;
  /** Likes answered 2xx. */
  likesTaken = 0;
  /** Likes refused for good. */
  likesRefused = 0;
  /** Likes of which no answer says whether they were taken. */
  likesUnknown = 0;
  /** POSTs sent well after their time, since too many were in flight. */
  late = 0;
  /** Likes never sent, since too many were in flight until the end. */
  likesUnsent = 0;
  retries = 0;
  doubles = 0;

  /** The first few broken promises, in words. */
  readonly examples: string[] = [];

  /** The number of events that were unreadable, did not add up, or stepped back. */
  get brokenEvents(): number {
    return this.notAddingUp + this.stepsBack + this.unreadable;
  }

  /** Keeps an example, if there are not enough yet; `describe` is called only then. */
  example(describe: () => string): void {
    if (this.examples.length < MAX_EXAMPLES) {
      this.examples.push(describe());
    }
  }
}

/** Adds one to a count by name. */
export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
