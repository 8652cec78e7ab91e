import type { Clock } from '../runtime/clock';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { Place } from '../schemas/place';
import { type Channel, type Flushed, linesTo } from './channel';
import type { Flush } from './flusher';
import { withId } from './frames';
import { standing } from './places';
import type { Row, Session } from './session';
import type { ViewerSockets } from './sockets';

/** How long a viewer ahead of this worker waits for the channel to pass its place. */
export const HOLD_MS = 2_000;

/** So many are sent to between two looks at the meter, by the time that there is. */
const VIEWERS_A_MS = 64;
const LEAST_VIEWERS = 32;

/** A channel's change on its way to its viewers. */
interface Change {
  readonly channel: Channel;
  readonly flushed: Flushed;
  /** Where those who are in step were. */
  readonly before: Place | undefined;
  readonly lines: string;
  /** The bytes for all who are in step. */
  readonly frame: Buffer;
}

/** Brings viewers to their channels' flushed places: one frame for all who are in step. */
export class FanOut {
  /** Viewers ahead of their channel, or with a channel whose state has not come. */
  readonly unsettled = new Set<Row>();

  constructor(
    private readonly sockets: ViewerSockets,
    private readonly clock: Clock,
    private readonly measures: Measures = UNMEASURED,
  ) {}

  /** Moves the channel on to its newest state, and gives the work of sending it to its viewers. */
  begin(channel: Channel): Flush {
    const before = channel.flushed?.place;
    const flushed = channel.advance();
    const lines = before ? linesTo(channel.name, flushed, before, channel.flushedT) : '';
    const change = { channel, flushed, before, lines, frame: withId(lines, flushed.id) };
    let next: number | undefined;
    const isDone = (): boolean => next !== undefined && next < channel.audience.sizeInStep;
    return (ms) => {
      const until = this.clock.cpu() + ms;
      const some = Math.max(LEAST_VIEWERS, Math.floor(ms * VIEWERS_A_MS));
      // However short the time, some are sent to: nobody waits for ever.
      while (!isDone()) {
        if (next !== undefined) next = this.bringSome(change, next, some);
        else if (!this.passSome(change, some)) next = channel.audience.size - 1;
        if (this.clock.cpu() >= until && !isDone()) return false;
      }
      if (before) this.measures.stage('written', this.clock.now() - channel.flushedT);
      return true;
    };
  }

  /** Brings one viewer to its channel's flushed place, from wherever it is. */
  bring(row: Row): void {
    const { channel, session } = row;
    const { flushed } = channel;
    if (session.fullSince !== undefined) return;
    if (!flushed || !this.mayGoOn(row, flushed.place)) {
      this.hold(row);
      return;
    }
    const { seen } = row;
    this.unsettled.delete(row);
    row.settleBy = undefined;
    const isThere = seen !== undefined && standing(seen, flushed.place) === 'same';
    row.seen = flushed.place;
    if (isThere) {
      this.fallIn(row);
      return;
    }
    const lines = linesTo(channel.name, flushed, seen, row.missedSince ?? channel.flushedT);
    this.sendOwn(row, lines, seen);
  }

  /** Brings a viewer that was full to where its channel is now; those in step are, or soon will be. */
  catchUp(row: Row): void {
    const { audience, flushed } = row.channel;
    if (!audience.isInStep(row) && row.seen !== flushed?.place) this.bring(row);
  }

  /** The viewer's frames are its own from now on. */
  fallOut(row: Row): void {
    row.channel.fallOut(row);
    // The flush under way may have gone by those with frames of their own.
    this.catchUp(row);
  }

  /** Sends bytes that are nobody else's; a viewer that is full gets nothing and is marked. */
  sendTo(session: Session, frame: Buffer): boolean {
    if (session.fullSince !== undefined) return false;
    const full = this.sockets.send(Int32Array.of(session.viewer), frame).length > 0;
    if (full) session.fullSince = this.clock.now();
    return !full;
  }

  /** Sends the shared frame to some who are in step; false when there are no more. */
  private passSome({ before, channel, flushed, frame }: Change, some: number): boolean {
    const { audience } = channel;
    const viewers = audience.pass(some);
    if (viewers.length === 0) return false;
    const full = this.sockets.send(viewers, frame);
    const news = flushed.place.total - (before?.total ?? 0);
    this.measures.delivered((viewers.length - full.length) * news);
    for (const viewer of full) {
      const row = audience.rowOf(viewer, viewers);
      if (!row) continue;
      row.session.fullSince = this.clock.now();
      row.missedSince ??= channel.flushedT;
      channel.fallOut(row, before);
    }
    return true;
  }

  // From the end, so that a row which falls in changes places with one that is still to come.
  private bringSome(change: Change, from: number, some: number): number {
    const { audience } = change.channel;
    let next = Math.min(from, audience.size - 1);
    for (let left = some; left > 0 && next >= audience.sizeInStep; left--) {
      const row = audience.at(next);
      if (row) this.bringOne(row, change);
      if (audience.at(next) === row) next -= 1;
    }
    return next;
  }

  private bringOne(row: Row, { before, channel, flushed, lines }: Change): void {
    const { seen, session } = row;
    if (session.fullSince !== undefined) row.missedSince ??= channel.flushedT;
    else if (seen !== undefined && seen === before) {
      row.seen = flushed.place;
      this.sendOwn(row, lines, seen);
    } else if (seen !== flushed.place) this.bring(row);
    else this.fallIn(row);
  }

  private sendOwn(row: Row, lines: string, before: Place | undefined): void {
    const { session } = row;
    if (!this.sendTo(session, withId(lines, session.placeId()))) {
      row.seen = before;
      row.missedSince ??= row.channel.flushedT;
      return;
    }
    row.missedSince = undefined;
    if (before && row.seen) this.measures.delivered(row.seen.total - before.total);
    this.fallIn(row);
  }

  /** From now on it shares the frames of all who are in step, if its id is the channel's own. */
  private fallIn(row: Row): void {
    const { channel, session } = row;
    if (!session.isSingle || session.fullSince !== undefined) return;
    channel.audience.fallIn(row);
    row.seen = undefined;
  }

  /** False while a viewer ahead of the channel has to wait; past its time, its place is forgotten. */
  private mayGoOn(row: Row, place: Place): boolean {
    if (!row.seen) return true;
    const stands = standing(row.seen, place);
    if (stands === 'ahead' && this.clock.now() < (row.settleBy ?? Number.POSITIVE_INFINITY)) {
      return false;
    }
    if (stands === 'ahead' || stands === 'unusable') row.seen = undefined;
    return true;
  }

  private hold(row: Row): void {
    row.settleBy ??= this.clock.now() + HOLD_MS;
    this.unsettled.add(row);
  }
}
