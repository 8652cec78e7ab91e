import type { ViewerSockets } from '../../adapters/viewer-sockets';
import type { Clock } from '../../runtime/clock';
import type { LoggedType } from '../../schemas/event-type';
import type { Frame } from '../../schemas/frame';
import { type Measures, UNMEASURED } from '../../schemas/measures';
import type { Cohort } from './audience';
import type { ChannelView } from './channel-view';
import { EncodedUpdate, Snapshots } from './encoded-update';
import type { Flush } from './flusher';
import type { Part } from './parts';
import type { Row, RowChannel, RowStream } from './row';
import type { SentState } from './sent-state';
import { Sweep } from './sweep';
import { MAX_ENTRIES_AT_ONCE, MAX_ENTRIES_OF_SEVERAL, updateOf } from './update';

/**
 * A viewer waits this long for its channel's first state, or for a feed to reach its place: longer
 * than a takeover.
 */
export const WAIT_MS = 10_000;

/**
 * A viewer waits this long for a feed with a history. After a snapshot it would be sent the entries
 * again that it has seen. So this is longer than a takeover on a busy machine: that takes over
 * 10 s.
 */
export const HISTORY_WAIT_MS = 30_000;

/** The newest state of a channel is requested at most once in this time. */
export const REQUEST_GAP_MS = 500;

/** The size of a batch, by the CPU time that a flush was given; the meter is read between two. */
const VIEWERS_PER_CPU_MS = 64;

/** Sends viewers the newest states of their channels: one frame for each cohort. */
export class FanOut {
  /** Viewers that are ahead in a feed, or of a channel whose state has not come. */
  readonly waiting = new Set<Row>();
  private readonly snapshots = new Snapshots();

  constructor(
    private readonly sockets: ViewerSockets,
    private readonly clock: Clock,
    private readonly measures: Measures = UNMEASURED,
    /** Requests a channel's newest state from the dispatchers: a viewer has seen a newer one. */
    private readonly request: (channel: string) => void = () => undefined,
    /** The open streams of a member. */
    private readonly streamsOf: (memberId: string) => Iterable<RowStream> = () => [],
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
    const { session, view } = row;
    if (session.isFull) return;
    if (view.sent) this.sendOwn(row, this.latestOf(row, view.sent));
    else this.wait(row);
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
    const next = sweep.nextCohort();
    if (!next) return false;
    const { cohort, shared } = next;
    // The cohort may be empty then, so the next one is taken.
    if (this.splitOff(shared, cohort, sweep.view)) return true;
    const viewers = sweep.moveBatch(max);
    let [open, seen] = [viewers, cohort.sent];
    for (const part of shared.parts) {
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
      seen = part.seen;
    }
    return true;
  }

  /**
   * Makes individual rows of those whose members are not sent all events of an update. The sweep
   * sends them the rest, and they join the cohort again. Returns whether any row has left.
   */
  private splitOff(shared: EncodedUpdate, cohort: Cohort, { audience, channel }: ChannelView) {
    const { exceptMembers } = shared.update;
    if (!exceptMembers || shared.isSplit) return false;
    shared.isSplit = true;
    const before = audience.sizeInCohorts;
    for (const memberId of exceptMembers) {
      for (const stream of this.streamsOf(memberId)) {
        const row = stream.row(channel.name);
        const isIn = row?.view.audience === audience && audience.cohortOf(row) === cohort;
        if (isIn) row.leaveCohort(cohort);
      }
    }
    return audience.sizeInCohorts < before;
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
      this.sendOwn(row, sweep.updateFrom(seen, undefined, session.isSingle));
    } else this.sendLatest(row);
  }

  /** What a row lacks of the sent state. */
  private latestOf(row: Row, sent: SentState): EncodedUpdate {
    const { missedSince, seen, session } = row;
    const { isSingle, memberId } = session;
    if (!seen && !sent.hasMomentOf(memberId)) return this.snapshots.of(sent);
    const maxEntries = isSingle ? MAX_ENTRIES_AT_ONCE : MAX_ENTRIES_OF_SEVERAL;
    const options = { missedSince, mayWait: mayWait(row, this.clock), maxEntries, memberId };
    return new EncodedUpdate(seen, sent, updateOf(sent, seen, options));
  }

  /** Sends events with the viewer's own ids; if the viewer is full, its row keeps the rest. */
  private sendOwn(row: Row, latest: EncodedUpdate): void {
    const { session } = row;
    const { isWaiting, reached, times } = latest.update;
    if (isWaiting) this.wait(row);
    for (const part of latest.partsFor(row)) {
      if (!this.sendTo(session, part.frame)) {
        row.markMissed(times);
        return;
      }
      row.setSeen(part.seen);
      this.measureDelivered(part, 1);
    }
    // Not before: a viewer that was full would wait once more for the state that never came.
    if (!isWaiting) this.endWait(row);
    row.setSeen(reached);
    row.joinCohort();
  }

  private wait(row: Row): void {
    const { channel, sent } = row.view;
    row.startWait(this.clock.monotonic() + WAIT_MS);
    this.waiting.add(row);
    if (sent) this.requestState(channel);
  }

  /** Ends a wait; the row is sent the next state of its view. */
  endWait(row: Row): void {
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

/** Whether the row may still wait for a feed in which it is ahead. */
function mayWait(
  { waitUntil }: Row,
  clock: Clock,
): (type: Pick<LoggedType, 'hasHistory'>) => boolean {
  const lateMs = waitUntil === undefined ? 0 : clock.monotonic() - waitUntil + WAIT_MS;
  return ({ hasHistory }) => lateMs < (hasHistory ? HISTORY_WAIT_MS : WAIT_MS);
}
