import type { ViewerSockets } from '../../adapters/viewer-sockets';
import type { Clock } from '../../runtime/clock';
import { type Measures, UNMEASURED } from '../../schemas/measures';
import type { Place } from '../../schemas/place';
import type { Channel } from './channel';
import { comparePlaces } from './compare-places';
import type { Flush } from './flusher';
import { withId } from './frames';
import type { Row, RowChannel, RowStream } from './row';
import type { SeenState } from './sent-state';
import { Sweep } from './sweep';

/**
 * A viewer waits this long for its channel's first state, or for the channel to reach its place:
 * longer than a takeover.
 */
export const WAIT_MS = 10_000;

/** The newest state of a channel is requested at most once in this time. */
export const REQUEST_GAP_MS = 500;

/** The size of a batch, by the CPU time that a flush was given; the meter is read between two. */
const VIEWERS_PER_CPU_MS = 64;

/** Sends viewers the newest states of their channels: one frame for each cohort. */
export class FanOut {
  /** Viewers ahead of their channel, or of a channel whose state has not come. */
  readonly waiting = new Set<Row>();

  constructor(
    private readonly sockets: ViewerSockets,
    private readonly clock: Clock,
    private readonly measures: Measures = UNMEASURED,
    /** Requests a channel's newest state from the dispatchers: a viewer has seen a newer one. */
    private readonly request: (channel: string) => void = () => undefined,
  ) {}

  /** Starts a flush, which sends the channel's newest state to its viewers. */
  begin(channel: Channel): Flush {
    const sweep = new Sweep(channel);
    return (ms) => {
      const until = this.clock.cpu() + ms;
      // At least one viewer, however short the time, so that every flush ends.
      const max = Math.max(1, Math.floor(ms * VIEWERS_PER_CPU_MS));
      sweep.takeNewest();
      while (this.sendCohortBatch(sweep, max) || this.sendIndividuals(sweep, max)) {
        if (this.clock.cpu() >= until) return false;
      }
      const { sentSince } = sweep;
      if (sentSince < Number.POSITIVE_INFINITY) {
        this.measures.stage('written', this.clock.now() - sentSince);
      }
      return true;
    };
  }

  /** Sends one viewer what it lacks of its channel's sent state, or lets it wait. */
  sendLatest(row: Row): void {
    const { channel, session } = row;
    const { sent } = channel;
    if (session.isFull) return;
    if (!sent || !this.maySend(row, sent.place)) {
      this.wait(row);
      return;
    }
    const { missedSince, seen } = row;
    this.waiting.delete(row);
    row.endWait();
    const isUpToDate = seen !== undefined && comparePlaces(seen.place, sent.place) === 'same';
    row.setSeen(sent);
    if (isUpToDate) row.joinCohort();
    else this.sendOwn(row, sent.linesSince(seen?.place, missedSince ?? channel.oldestSentAt), seen);
  }

  /** Sends a drained viewer what it lacks; a row in a cohort is left to the sweep. */
  resume(row: Row): void {
    const { audience, sent } = row.channel;
    if (!audience.cohortOf(row) && row.seen !== sent) this.sendLatest(row);
  }

  /** Makes the frames of a row its own, because its event ids differ from the cohort's now. */
  leaveCohort(row: Row): void {
    row.leaveCohort();
    // The sweep under way may have sent to the individual rows already.
    this.resume(row);
  }

  /** Sends bytes to one viewer; if it is full, it gets nothing and is marked. */
  sendTo(session: RowStream, frame: Buffer): boolean {
    if (session.isFull) return false;
    const isFull = this.sockets.send(Int32Array.of(session.viewer), frame).length > 0;
    if (isFull) session.markFull(this.clock.monotonic());
    return !isFull;
  }

  /** Requests a channel's newest state; at most once in `REQUEST_GAP_MS`. */
  requestState(channel: RowChannel): void {
    const now = this.clock.monotonic();
    if (now < channel.requestableAt) return;
    channel.requestableAt = now + REQUEST_GAP_MS;
    this.request(channel.name);
  }

  /** Sends the shared frame to a batch of a cohort; returns false if no cohort is left. */
  private sendCohortBatch(sweep: Sweep, max: number): boolean {
    const { channel, target } = sweep;
    const batch = sweep.nextBatch(max);
    if (!batch) return false;
    const { cohort, frame, viewers } = batch;
    const full = this.sockets.send(viewers, frame);
    const added = target.place.total - cohort.sent.place.total;
    this.measures.delivered((viewers.length - full.length) * added);
    for (const viewer of full) {
      const row = channel.audience.rowOf(viewer, viewers);
      if (!row) continue;
      row.session.markFull(this.clock.monotonic());
      row.leaveCohort(cohort);
    }
    return true;
  }

  /** Sends to at most `max` individual rows; returns false if none was left. */
  private sendIndividuals(sweep: Sweep, max: number): boolean {
    const { audience } = sweep.channel;
    for (let left = max; left > 0; left--) {
      const row = audience.nextIndividual();
      if (!row) return left < max;
      this.sendLatestInSweep(row, sweep);
    }
    return true;
  }

  /** As `sendLatest`, with the lines that the sweep has encoded if the row is where most are. */
  private sendLatestInSweep(row: Row, sweep: Sweep): void {
    const { before, channel, target } = sweep;
    const { seen, session } = row;
    if (seen === target) row.joinCohort();
    else if (session.isFull) row.markMissed(channel.oldestSentAt);
    else if (seen !== undefined && seen === before) {
      row.setSeen(target);
      this.sendOwn(row, sweep.updateFrom(seen, channel.oldestSentAt).lines, seen);
    } else this.sendLatest(row);
  }

  /** Sends an event with the viewer's own id; if the viewer is full, resets its row to `before`. */
  private sendOwn(row: Row, lines: string, before: SeenState | undefined): void {
    const { channel, seen, session } = row;
    if (!this.sendTo(session, withId(lines, session.placeId()))) {
      row.setSeen(before);
      row.markMissed(channel.oldestSentAt);
      return;
    }
    if (before && seen) this.measures.delivered(seen.place.total - before.place.total);
    row.joinCohort();
  }

  /**
   * Returns false while a viewer ahead of its channel must wait. Forgets a place that is unusable,
   * or that the channel has not reached in time.
   */
  private maySend(row: Row, sent: Place): boolean {
    if (!row.seen) return true;
    const comparison = comparePlaces(row.seen.place, sent);
    if (comparison === 'ahead' && !this.isWaitOver(row)) return false;
    if (comparison === 'ahead' || comparison === 'unusable') row.setSeen(undefined);
    return true;
  }

  private isWaitOver({ waitUntil }: Row): boolean {
    return waitUntil !== undefined && this.clock.monotonic() >= waitUntil;
  }

  private wait(row: Row): void {
    row.startWait(this.clock.monotonic() + WAIT_MS);
    this.waiting.add(row);
    if (row.channel.sent) this.requestState(row.channel);
  }
}
