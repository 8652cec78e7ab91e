import type { ViewerSockets } from '../../adapters/viewer-sockets';
import type { Clock } from '../../runtime/clock';
import { type Measures, UNMEASURED } from '../../schemas/measures';
import type { Place } from '../../schemas/place';
import type { Row, Session } from '../viewers/session';
import { type Channel, linesTo } from './channel';
import { comparePlaces } from './compare-places';
import type { Flush } from './flusher';
import { withId } from './frames';
import { Sweep } from './sweep';

/**
 * How long a viewer waits for its channel's first state, or for the channel to pass its place:
 * longer than a takeover.
 */
export const WAIT_MS = 10_000;

/** The newest state of a channel is asked for at most once in this time. */
export const ASK_MS = 500;

/** So many are sent to between two looks at the meter, by the time that there is. */
const VIEWERS_A_MS = 64;

/** Brings viewers to their channels' flushed places: one frame for each cohort of those in step. */
export class FanOut {
  /** Viewers ahead of their channel, or with a channel whose state has not come. */
  readonly waiting = new Set<Row>();

  constructor(
    private readonly sockets: ViewerSockets,
    private readonly clock: Clock,
    private readonly measures: Measures = UNMEASURED,
    /** Asks the dispatchers for a channel's newest state, because a viewer has seen a newer one. */
    private readonly askFor: (channel: string) => void = () => undefined,
  ) {}

  /** The work of bringing a channel's viewers to its newest state. */
  begin(channel: Channel): Flush {
    const sweep = new Sweep(channel);
    return (ms) => {
      const until = this.clock.cpu() + ms;
      // However short the time, somebody is sent to: nobody waits for ever.
      const some = Math.max(1, Math.floor(ms * VIEWERS_A_MS));
      sweep.takeUp();
      while (this.sendSomeOfCohort(sweep, some) || this.sendSomeIndividuals(sweep, some)) {
        if (this.clock.cpu() >= until) return false;
      }
      const { sentSince } = sweep;
      if (sentSince < Number.POSITIVE_INFINITY) {
        this.measures.stage('written', this.clock.now() - sentSince);
      }
      return true;
    };
  }

  /** Brings one viewer to its channel's flushed place, from wherever it is. */
  sendLatest(row: Row): void {
    const { channel, session } = row;
    const { sent: flushed } = channel;
    if (session.fullSince !== undefined) return;
    if (!flushed || !this.mayGoOn(row, flushed.place)) {
      this.wait(row);
      return;
    }
    const { seen } = row;
    this.waiting.delete(row);
    row.waitUntil = undefined;
    const isThere = seen !== undefined && comparePlaces(seen, flushed.place) === 'same';
    row.seen = flushed.place;
    if (isThere) {
      this.joinCohort(row);
      return;
    }
    const lines = linesTo(channel.name, flushed, seen, row.missedSince ?? channel.oldestSentAt);
    this.sendOwn(row, lines, seen);
  }

  /** Brings a viewer that was full to where its channel is now; those in step are, or soon will be. */
  resume(row: Row): void {
    const { audience, sent: flushed } = row.channel;
    if (!audience.cohortOf(row) && row.seen !== flushed?.place) this.sendLatest(row);
  }

  /** The viewer's frames are its own from now on. */
  leaveCohort(row: Row): void {
    row.channel.leaveCohort(row);
    // The flush under way may have gone by those with frames of their own.
    this.resume(row);
  }

  /** Sends bytes that are nobody else's; a viewer that is full gets nothing and is marked. */
  sendTo(session: Session, frame: Buffer): boolean {
    if (session.fullSince !== undefined) return false;
    const full = this.sockets.send(Int32Array.of(session.viewer), frame).length > 0;
    if (full) session.fullSince = this.clock.monotonic();
    return !full;
  }

  /** Sends the shared frame to some who are in step; false when there are no more. */
  private sendSomeOfCohort(sweep: Sweep, some: number): boolean {
    const { channel, target: flushed } = sweep;
    const passed = sweep.pass(some);
    if (!passed) return false;
    const { cohort, frame, viewers } = passed;
    const full = this.sockets.send(viewers, frame);
    const news = flushed.place.total - cohort.place.total;
    this.measures.delivered((viewers.length - full.length) * news);
    for (const viewer of full) {
      const row = channel.audience.rowOf(viewer, viewers);
      if (!row) continue;
      row.session.fullSince = this.clock.monotonic();
      channel.leaveCohort(row, cohort);
    }
    return true;
  }

  /** Brings on some who have frames of their own; false when there are no more. */
  private sendSomeIndividuals(sweep: Sweep, some: number): boolean {
    const { audience } = sweep.channel;
    for (let left = some; left > 0; left--) {
      const row = audience.nextIndividual();
      if (!row) return left < some;
      this.sendLatestInSweep(row, sweep);
    }
    return true;
  }

  private sendLatestInSweep(row: Row, sweep: Sweep): void {
    const { before, channel, target: flushed } = sweep;
    const { seen, session } = row;
    if (seen === flushed.place) this.joinCohort(row);
    else if (session.fullSince !== undefined) row.missedSince ??= channel.oldestSentAt;
    else if (seen !== undefined && seen === before) {
      row.seen = flushed.place;
      this.sendOwn(row, sweep.stepFrom(seen, channel.oldestSentAt).lines, seen);
    } else this.sendLatest(row);
  }

  private sendOwn(row: Row, lines: string, before: Place | undefined): void {
    const { session } = row;
    if (!this.sendTo(session, withId(lines, session.placeId()))) {
      row.seen = before;
      row.missedSince ??= row.channel.oldestSentAt;
      return;
    }
    if (before && row.seen) this.measures.delivered(row.seen.total - before.total);
    this.joinCohort(row);
  }

  /** It misses nothing, and shares the frames of its cohort if its id is the channel's own. */
  private joinCohort(row: Row): void {
    const { channel, seen, session } = row;
    row.missedSince = undefined;
    if (!seen || !session.isSingle || session.fullSince !== undefined) return;
    channel.audience.joinCohort(row, seen);
    row.seen = undefined;
  }

  /** False while a viewer ahead of the channel has to wait; past its time, its place is forgotten. */
  private mayGoOn(row: Row, place: Place): boolean {
    if (!row.seen) return true;
    const stands = comparePlaces(row.seen, place);
    if (
      stands === 'ahead' &&
      this.clock.monotonic() < (row.waitUntil ?? Number.POSITIVE_INFINITY)
    ) {
      return false;
    }
    if (stands === 'ahead' || stands === 'unusable') row.seen = undefined;
    return true;
  }

  private wait(row: Row): void {
    row.waitUntil ??= this.clock.monotonic() + WAIT_MS;
    this.waiting.add(row);
    if (row.channel.sent) this.ask(row.channel);
  }

  /** Asks for a channel's newest state because a viewer is ahead; at most once per interval. */
  ask(channel: Channel): void {
    const now = this.clock.monotonic();
    if (now < channel.askAgainAt) return;
    channel.askAgainAt = now + ASK_MS;
    this.askFor(channel.name);
  }
}
