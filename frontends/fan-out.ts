import type { Clock } from '../runtime/clock';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { Place } from '../schemas/place';
import { type Channel, linesTo } from './channel';
import type { Flush } from './flusher';
import { withId } from './frames';
import { standing } from './places';
import type { Row, Session } from './session';
import type { ViewerSockets } from './sockets';
import { Sweep } from './sweep';

/** How long a viewer ahead of this worker waits for the channel to pass its place. */
export const HOLD_MS = 2_000;

/** So many are sent to between two looks at the meter, by the time that there is. */
const VIEWERS_A_MS = 64;
const LEAST_AT_ONCE = 32;

/** Brings viewers to their channels' flushed places: one frame for all who are in step. */
export class FanOut {
  /** Viewers ahead of their channel, or with a channel whose state has not come. */
  readonly unsettled = new Set<Row>();

  constructor(
    private readonly sockets: ViewerSockets,
    private readonly clock: Clock,
    private readonly measures: Measures = UNMEASURED,
    /** However short the time, so many are sent to at once: nobody waits for ever. */
    private readonly leastAtOnce = LEAST_AT_ONCE,
  ) {}

  /** Moves the channel on to its newest state, and gives the work of sending it to its viewers. */
  begin(channel: Channel): Flush {
    const sweep = new Sweep(channel);
    const { audience } = channel;
    let next: number | undefined;
    const isDone = (): boolean => next !== undefined && next < audience.sizeInStep;
    return (ms) => {
      const until = this.clock.cpu() + ms;
      const some = Math.max(this.leastAtOnce, Math.floor(ms * VIEWERS_A_MS));
      if (next === undefined) sweep.takeUp();
      while (!isDone()) {
        if (next !== undefined) next = this.bringSome(sweep, next, some);
        else if (!this.passSome(sweep, some)) next = audience.size - 1;
        if (this.clock.cpu() >= until && !isDone()) return false;
      }
      if (sweep.before) this.measures.stage('written', this.clock.now() - sweep.oldest);
      return true;
    };
  }

  /** Brings one viewer to its channel's flushed place, having missed likes since `t` at most. */
  bring(row: Row, t = row.channel.flushedT): void {
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
      row.missedSince = undefined;
      this.fallIn(row);
      return;
    }
    const lines = linesTo(channel.name, flushed, seen, row.missedSince ?? t);
    this.sendOwn(row, lines, seen);
  }

  /** Brings a viewer that was full to where its channel is now; those in step are, or soon will be. */
  catchUp(row: Row): void {
    const { audience, flushed } = row.channel;
    if (!audience.cohortOf(row) && row.seen !== flushed?.place) this.bring(row);
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
  private passSome(sweep: Sweep, some: number): boolean {
    const { channel, flushed } = sweep;
    const passed = sweep.pass(some);
    if (!passed) return false;
    const { cohort, frame, viewers } = passed;
    const full = this.sockets.send(viewers, frame);
    const news = flushed.place.total - cohort.place.total;
    this.measures.delivered((viewers.length - full.length) * news);
    for (const viewer of full) {
      const row = channel.audience.rowOf(viewer, viewers);
      if (!row) continue;
      row.session.fullSince = this.clock.now();
      channel.fallOut(row, cohort);
    }
    return true;
  }

  // From the end, so that a row which falls in changes places with one that is still to come.
  private bringSome(sweep: Sweep, from: number, some: number): number {
    const { audience } = sweep.channel;
    let next = Math.min(from, audience.size - 1);
    for (let left = some; left > 0 && next >= audience.sizeInStep; left--) {
      const row = audience.at(next);
      if (row) this.bringOne(row, sweep);
      if (audience.at(next) === row) next -= 1;
    }
    return next;
  }

  private bringOne(row: Row, sweep: Sweep): void {
    const { before, flushed, oldest } = sweep;
    const { seen, session } = row;
    if (session.fullSince !== undefined) row.missedSince ??= oldest;
    else if (seen === flushed.place) this.fallIn(row);
    else if (seen !== undefined && seen === before) {
      row.seen = flushed.place;
      this.sendOwn(row, sweep.stepFrom(seen, oldest).lines, seen);
    } else this.bring(row, oldest);
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
    const { seen } = row;
    if (seen) channel.audience.fallIn(row, seen);
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
