import { Histogram } from './histogram';

const MAX_EXAMPLES = 5;

/** Counts and latencies of all viewers and posts. */
export class Tally {
  /** Like → viewer, µs: of the oldest like in each frame. */
  readonly latency = new Histogram();
  /** The sum of these latencies, µs: for a mean. */
  latencySum = 0;
  /** The latencies since the last progress line. */
  readonly latestLatency = new Histogram();
  /** Whether a burst of comments is being posted. */
  isBurst = false;
  /** Like → viewer during a burst of comments, µs. */
  readonly burstLatency = new Histogram();
  /** Comment → viewer, µs. */
  readonly commentLatency = new Histogram();
  /** POST of a comment → its final answer, µs. */
  readonly commentPosting = new Histogram();
  /** First connect → first total, µs, one value a viewer. */
  readonly joining = new Histogram();
  /** POST → its final answer, µs. */
  readonly posting = new Histogram();

  /** `likes` events received. */
  frames = 0;
  /** Sum of `new` over them. */
  delivered = 0;
  /** `likes` events with likes from before the connection; they have no latency. */
  caughtUp = 0;
  /** The time of the last `likes` event, ms since the epoch. */
  lastFrameAt = 0;

  /** `likes` events where the total before + `new` was not the total. */
  notAddingUp = 0;
  stepsBack = 0;
  snapshotsAfterResume = 0;
  /** Events that are no JSON, or not as the protocol has them. */
  unreadable = 0;

  cuts = 0;
  byes = 0;
  /** Connections that were opened again. */
  reconnects = 0;
  /** Streams that were closed after a long silence. */
  silences = 0;
  /** Streams that ended with an error, by reason. */
  readonly streamErrors = new Map<string, number>();

  /** POSTs by status, or by the error's code. */
  readonly answers = new Map<string, number>();
  /** Likes that were sent, without second copies. */
  likesSent = 0;
  /** Likes answered 2xx. */
  likesTaken = 0;
  /** Likes whose refusal is final. */
  likesRefused = 0;
  /** Likes whose last answer is missing. */
  likesUnknown = 0;
  /** POSTs that were sent late, because too many were in flight. */
  late = 0;
  /** Likes that were not sent, because too many were in flight until the end. */
  likesUnsent = 0;
  retries = 0;
  doubles = 0;

  /** Descriptions of the first few violations. */
  readonly examples: string[] = [];

  /** The number of events that were unreadable, did not add up, or stepped back. */
  get brokenEvents(): number {
    return this.notAddingUp + this.stepsBack + this.unreadable;
  }

  /** Adds an example if there are too few; only then calls `describe`. */
  example(describe: () => string): void {
    if (this.examples.length < MAX_EXAMPLES) {
      this.examples.push(describe());
    }
  }
}

/** Adds 1 to the count of a name. */
export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
