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

const ROWS_A_CHUNK = 256;

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
    const frame = withId(lines, flushed.id);
    let cursor = channel.rows.length - 1;
    return (ms) => {
      const until = this.clock.cpu() + ms;
      while (cursor >= 0 && this.clock.cpu() < until) {
        const rows: Row[] = [];
        cursor = Math.min(cursor, channel.rows.length - 1);
        for (const last = Math.max(cursor - ROWS_A_CHUNK, -1); cursor > last; cursor--) {
          const row = channel.rows[cursor];
          if (row && this.isShared(row, before)) rows.push(row);
          else if (row) this.flushOne(row, before, lines);
        }
        this.sendShared(rows, frame, flushed);
      }
      if (cursor >= 0) return false;
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
    row.seen = flushed.place;
    if (seen && standing(seen, flushed.place) === 'same') return;
    const lines = linesTo(channel.name, flushed, seen, row.missedSince ?? channel.flushedT);
    this.sendOwn(row, lines, seen);
  }

  /** Sends bytes that are nobody else's; a viewer that is full gets nothing and is marked. */
  sendTo(session: Session, frame: Buffer): boolean {
    if (session.fullSince !== undefined) return false;
    const full = this.sockets.send(Int32Array.of(session.viewer), frame).length > 0;
    if (full) session.fullSince = this.clock.now();
    return !full;
  }

  private isShared(row: Row, before: Place | undefined): boolean {
    const { session, seen } = row;
    const inStep = seen !== undefined && seen === before;
    return inStep && session.isSingle && session.fullSince === undefined;
  }

  private flushOne(row: Row, before: Place | undefined, lines: string): void {
    const { channel, seen, session } = row;
    if (session.fullSince !== undefined) row.missedSince ??= channel.flushedT;
    else if (seen !== undefined && seen === before && channel.flushed) {
      row.seen = channel.flushed.place;
      this.sendOwn(row, lines, seen);
    } else if (seen !== channel.flushed?.place) this.bring(row);
  }

  private sendOwn(row: Row, lines: string, before: Place | undefined): void {
    if (!this.sendTo(row.session, withId(lines, row.session.placeId()))) {
      this.putBack(row, before);
      return;
    }
    row.missedSince = undefined;
    if (before && row.seen) this.measures.delivered(row.seen.total - before.total);
  }

  private sendShared(rows: readonly Row[], frame: Buffer, flushed: Flushed): void {
    if (rows.length === 0) return;
    const before = rows[0]?.seen;
    const viewers = new Int32Array(rows.length);
    for (const [at, row] of rows.entries()) {
      viewers[at] = row.session.viewer;
      row.seen = flushed.place;
    }
    const full = new Set(this.sockets.send(viewers, frame));
    const news = flushed.place.total - (before?.total ?? 0);
    this.measures.delivered((rows.length - full.size) * news);
    if (full.size === 0) return;
    for (const row of rows) {
      if (!full.has(row.session.viewer)) continue;
      row.session.fullSince = this.clock.now();
      this.putBack(row, before);
    }
  }

  private putBack(row: Row, before: Place | undefined): void {
    row.seen = before;
    row.missedSince ??= row.channel.flushedT;
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
