import { BoundedMap } from '../../runtime/bounded-map';
import type { Clock } from '../../runtime/clock';
import type { Sending } from '../../schemas/moment';

/** The most senders that are compared; the one not heard from for the longest time is evicted. */
const MAX_SENDERS = 1_000;

/** The fastest delivery of the last one or two of these times counts, ms: clocks drift. */
const WINDOW_MS = 60_000;

/** After this time without a moment of a sender, its earlier ones are no longer compared, ms. */
const FORGET_MS = 10 * WINDOW_MS;

/** How long a sender is new: a dispatcher that takes over reads its older moments first, ms. */
const NEW_MS = 2_000;

/** What is known of one sender: its clock minus ours at its fastest deliveries. */
interface Sender {
  readonly firstAt: number;
  readonly since: number;
  readonly fastest: number;
  readonly before: number;
}

/**
 * How much longer a moment was on its way than the fastest ones of its sender. Two monotonic clocks
 * are compared, so steps of wall clocks change nothing; only for a new sender, of which there is no
 * fast moment to compare with, the age by wall clocks counts, too.
 */
export class Delays {
  private readonly senders = new BoundedMap<string, Sender>(MAX_SENDERS);

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /**
   * Notes a moment that arrives now, and returns its delay, ms. `ageMs` is the time since it was
   * appended, by wall clocks.
   */
  note({ by, ms }: Sending, ageMs: number): number {
    const now = this.clock.monotonic();
    const ahead = ms - now;
    const sender = renewed(this.senders.get(by), now);
    const fastest = Math.max(sender.fastest, ahead);
    this.senders.set(by, { ...sender, fastest });
    const delay = Math.max(fastest, sender.before) - ahead;
    return now - sender.firstAt > NEW_MS ? delay : Math.max(delay, ageMs);
  }
}

const UNKNOWN = Number.NEGATIVE_INFINITY;

/** A sender, with a new window if the last one is over. */
function renewed(sender: Sender | undefined, now: number): Sender {
  if (!sender || now - sender.since >= FORGET_MS) {
    return { firstAt: now, since: now, fastest: UNKNOWN, before: UNKNOWN };
  }
  if (now - sender.since < WINDOW_MS) return sender;
  return { ...sender, since: now, fastest: UNKNOWN, before: sender.fastest };
}
