import { every, type Timer } from '../../runtime/clock';
import { PRESENCE_GRACE_MS } from './types';
import type { VirtualClock } from './virtual-clock';

const SAMPLE_MS = 250;

/** A stream that is open for this time on a running frontend has been reported. */
const SOLID_MS = 3_000;

/** A value stays for the grace after the last stream was closed; less than that is certain. */
const CERTAIN_MS = PRESENCE_GRACE_MS - 1_000;

/** An event that is shown may be about a moment up to this much earlier. */
const SHOWN_LATE_MS = 8_000;

/** A viewer, as the model of open streams sees it. */
export interface Attendant {
  readonly memberId: string;
  /** Its stream, if a running process of a datacenter holds it. */
  readonly stream: { readonly datacenter: string } | undefined;
}

/** A time during which a member was certainly online in one datacenter; monotonic ms. */
interface Span {
  since: number;
  until: number;
}

/** The model of who has open streams: which members were certainly online, and since when. */
export class Attendance {
  private readonly spans = new Map<string, Span>();
  private readonly openSince = new Map<Attendant, { readonly stream: object; at: number }>();
  private lostAt = Number.NEGATIVE_INFINITY;
  private readonly timer: Timer;

  constructor(
    private readonly clock: VirtualClock,
    private readonly attendants: () => readonly Attendant[],
  ) {
    this.timer = every(clock, SAMPLE_MS, () => this.sample());
  }

  /** Notes that a Redis lost its values, after which wrong states may be shown for some time. */
  redisLost(): void {
    this.lostAt = this.clock.monotonic();
  }

  /** Whether an event that is shown now, by which a member is offline, cannot be right. */
  isFlicker(memberId: string, datacenter: string): boolean {
    const now = this.clock.monotonic();
    const span = this.spans.get(`${memberId}/${datacenter}`);
    if (!span || now - this.lostAt < 2 * SHOWN_LATE_MS) return false;
    return span.since < now - SHOWN_LATE_MS && now < span.until;
  }

  close(): void {
    this.timer.cancel();
  }

  private sample(): void {
    const now = this.clock.monotonic();
    for (const attendant of this.attendants()) {
      const { memberId, stream } = attendant;
      const open = this.openSince.get(attendant);
      if (!stream) this.openSince.delete(attendant);
      else if (open?.stream !== stream) this.openSince.set(attendant, { stream, at: now });
      else if (now - open.at >= SOLID_MS) this.cover(`${memberId}/${stream.datacenter}`, now);
    }
  }

  private cover(name: string, now: number): void {
    const span = this.spans.get(name);
    const until = now + CERTAIN_MS;
    if (span && now <= span.until) span.until = until;
    else this.spans.set(name, { since: now, until });
  }
}
