import type { ViewerSockets } from '../../adapters/viewer-sockets';
import type { Clock } from '../../runtime/clock';
import type { Frame } from '../../schemas/frame';
import { type Measures, UNMEASURED } from '../../schemas/measures';
import type { ChannelView } from './channel-view';
import type { Flush } from './flusher';
import type { Row, RowChannel, RowStream } from './row';
import { Sweep } from './sweep';
import { type Part, partsOf, type Update, updateOf } from './update';

/**
 * A viewer waits this long for its channel's first state, or for a feed to reach its place: longer
 * than a takeover.
 */
export const WAIT_MS = 10_000;

/** The newest state of a channel is requested at most once in this time. */
export const REQUEST_GAP_MS = 500;

/** The size of a batch, by the CPU time that a flush was given; the meter is read between two. */
const VIEWERS_PER_CPU_MS = 64;

/** Sends viewers the newest states of their channels: one frame for each cohort. */
export class FanOut {
  /** Viewers that are ahead in a feed, or of a channel whose state has not come. */
  readonly waiting = new Set<Row>();

  constructor(
    private readonly sockets: ViewerSockets,
    private readonly clock: Clock,
    private readonly measures: Measures = UNMEASURED,
    /** Requests a channel's newest state from the dispatchers: a viewer has seen a newer one. */
    private readonly request: (channel: string) => void = () => undefined,
  ) {}

  /** Starts a flush, which sends the view's newest state to its viewers. */
  begin(view: ChannelView): Flush {
    const sweep = new Sweep(view);
    return (ms) => {
      const until = this.clock.cpu() + ms;
      // At least one viewer, however short the time, so that every flush ends.
      const max = Math.max(1, Math.floor(ms * VIEWERS_PER_CPU_MS));
      sweep.takeNewest();
      while (this.sendCohortBatch(sweep, max) || this.sendIndividuals(sweep, max)) {
        if (this.clock.cpu() >= until) return false;
      }
      this.measureWritten(sweep);
      return true;
    };
  }

  /** Sends one viewer what it lacks of its view's sent state, or lets it wait. */
  sendLatest(row: Row): void {
    const { missedSince, seen, session, view } = row;
    if (session.isFull) return;
    if (!view.sent) this.wait(row);
    else
      this.sendOwn(
        row,
        updateOf(view.sent, seen, { missedSince, mayWait: mayWait(row, this.clock) }),
      );
  }

  /** Sends a drained viewer what it lacks; a row in a cohort is left to the sweep. */
  resume(row: Row): void {
    const { audience, sent } = row.view;
    if (!audience.cohortOf(row) && row.seen !== sent) this.sendLatest(row);
  }

  /** Makes the frames of a row its own, because its event ids differ from the cohort's now. */
  leaveCohort(row: Row): void {
    row.leaveCohort();
    // The sweep under way may have sent to the individual rows already.
    this.resume(row);
  }

  /** Sends a frame to one viewer; if it is full, it gets nothing and is marked. */
  sendTo(session: RowStream, frame: Frame): boolean {
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

  /** Sends the shared frames to a batch of a cohort; returns false if no cohort is left. */
  private sendCohortBatch(sweep: Sweep, max: number): boolean {
    const batch = sweep.nextBatch(max);
    if (!batch) return false;
    const { cohort, parts, viewers } = batch;
    let [open, seen] = [viewers, cohort.sent];
    for (const part of parts) {
      const full = new Set(this.sockets.send(open, part.frame));
      this.measureDelivered(part, open.length - full.size);
      // A viewer that lacks one part must not be sent the next one. `open` is a view of the table
      // at first, so this is done before rows move.
      if (full.size > 0) open = open.filter((viewer) => !full.has(viewer));
      for (const viewer of full) {
        const row = sweep.view.audience.rowOf(viewer, viewers);
        row?.session.markFull(this.clock.monotonic());
        row?.leaveCohort(cohort);
        row?.setSeen(seen);
      }
      seen = { place: part.place };
    }
    return true;
  }

  /** Sends to at most `max` individual rows; returns false if none was left. */
  private sendIndividuals(sweep: Sweep, max: number): boolean {
    const { audience } = sweep.view;
    for (let left = max; left > 0; left--) {
      const row = audience.nextIndividual();
      if (!row) return left < max;
      this.sendLatestInSweep(row, sweep);
    }
    return true;
  }

  /** As `sendLatest`, with the events that the sweep has encoded if the row is where most are. */
  private sendLatestInSweep(row: Row, sweep: Sweep): void {
    const { before, target, times } = sweep;
    const { seen, session } = row;
    if (seen === target) row.joinCohort();
    else if (session.isFull) row.markMissed(times);
    else if (seen !== undefined && seen === before) {
      this.sendOwn(row, sweep.updateFrom(seen).update);
    } else this.sendLatest(row);
  }

  /** Sends events with the viewer's own ids; if the viewer is full, its row keeps the rest. */
  private sendOwn(row: Row, { blocks, isWaiting, reached, times }: Update): void {
    const { session } = row;
    if (isWaiting) this.wait(row);
    else this.endWait(row);
    for (const part of partsOf(blocks, (place) => session.placeId(row, place))) {
      if (!this.sendTo(session, part.frame)) {
        row.markMissed(times);
        return;
      }
      row.setSeen({ place: part.place });
      this.measureDelivered(part, 1);
    }
    row.setSeen(reached);
    row.joinCohort();
  }

  private wait(row: Row): void {
    const { channel, sent } = row.view;
    row.startWait(this.clock.monotonic() + WAIT_MS);
    this.waiting.add(row);
    if (sent) this.requestState(channel);
  }

  private endWait(row: Row): void {
    this.waiting.delete(row);
    row.endWait();
  }

  private measureDelivered({ blocks }: Part, viewers: number): void {
    for (const { entries, type } of blocks) {
      if (type !== undefined) this.measures.delivered(type, entries * viewers);
    }
  }

  private measureWritten({ sentSince, target }: Sweep): void {
    for (const [at, t] of (sentSince ?? []).entries()) {
      const type = target.types[at];
      if (type && t < Number.POSITIVE_INFINITY) {
        this.measures.stage(type.name, 'written', this.clock.now() - t);
      }
    }
  }
}

/** Whether the row may still wait for the feeds in which it is ahead. */
function mayWait({ waitUntil }: Row, clock: Clock): boolean {
  return waitUntil === undefined || clock.monotonic() < waitUntil;
}
