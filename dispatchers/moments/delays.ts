import { BoundedMap } from '../../runtime/bounded-map';
import type { Clock } from '../../runtime/clock';
import type { Sending } from '../../schemas/moment';

/** The most senders that are compared; the one not heard from for the longest time is evicted. */
const MAX_SENDERS = 1_000;

/** The fastest delivery of the last one or two of these times counts, ms: clocks drift. */
const WINDOW_MS = 60_000;

/** After this time without a moment of a sender, its earlier ones are no longer compared, ms. */
const FORGET_MS = 10 * WINDOW_MS;

/** A moment that is no older than this by wall clocks is a fast one, to compare others with, ms. */
const FAST_MS = 2_000;

/** How long wall clocks count for a sender of which no fast moment came: they may be wrong, ms. */
const UNPROVEN_MS = 60_000;

/** What is known of one sender: its clock minus ours at its fastest deliveries. */
interface Sender {
  readonly firstAt: number;
  /** Whether one of its moments was fast by wall clocks. */
  readonly isProven: boolean;
  readonly since: number;
  readonly fastest: number;
  readonly before: number;
}

/**
 * How much longer a moment was on its way than the fastest ones of its sender. Two monotonic clocks
 * are compared, so steps of wall clocks change nothing. Only for a new sender, of which no fast
 * moment came yet, the age by wall clocks counts, too: a dispatcher that takes over reads older
 * moments first, and of a sender that has died no others. It is the greater one of the ages since
 * the moment was sent and since it was appended: a mirror may append an old moment again.
 */
export class Delays {
  private readonly senders = new BoundedMap<string, Sender>(MAX_SENDERS);

  constructor(private readonly clock: Pick<Clock, 'monotonic' | 'now'>) {}

  /** Notes a moment that arrives now, and returns its delay, ms. `appendedAt`: its append time. */
  note(sending: Sending, appendedAt: number): number {
    const { by, ms, t = appendedAt } = sending;
    const now = this.clock.monotonic();
    const ahead = ms - now;
    const sender = renewed(this.senders.get(by), now);
    const fastest = Math.max(sender.fastest, ahead);
    const wall = this.clock.now();
    // An age below zero is as wrong as one that is too great: one of the clocks has stepped.
    const errorMs = Math.max(Math.abs(wall - t), Math.abs(wall - appendedAt));
    const isProven = sender.isProven || errorMs <= FAST_MS;
    this.senders.set(by, { ...sender, fastest, isProven });
    const delay = Math.max(fastest, sender.before) - ahead;
    const isKnown = isProven || now - sender.firstAt > UNPROVEN_MS;
    return isKnown ? delay : Math.max(delay, errorMs);
  }
}

const UNKNOWN = Number.NEGATIVE_INFINITY;

/** A sender, with a new window if the last one is over. */
function renewed(sender: Sender | undefined, now: number): Sender {
  if (!sender || now - sender.since >= FORGET_MS) {
    return { firstAt: now, isProven: false, since: now, fastest: UNKNOWN, before: UNKNOWN };
  }
  if (now - sender.since < WINDOW_MS) return sender;
  return { ...sender, since: now, fastest: UNKNOWN, before: sender.fastest };
}
