import type { ViewerSockets } from '../../adapters/viewer-sockets';
import { type Clock, every, type Timer } from '../../runtime/clock';
import type { FanOut } from '../channels/fan-out';
import { HEARTBEAT_FRAME } from '../channels/frames';
import type { Session } from './session';
import type { Sessions } from './sessions';

const TICK_MS = 500;

/** Each stream carries something at least this often. */
export const HEARTBEAT_MS = 10_000;

/**
 * A viewer that could take nothing for so long is let go. The kernel's own patience
 * (`UNACKNOWLEDGED_MS`) begins earlier, with the first byte that is not taken, and ends in silence
 * where this resets the viewer: so this is a good deal less.
 */
export const SLOW_VIEWER_MS = 10_000;

/**
 * Channels that were joined by `PUT` are put again after `ready`. For so long their places are kept;
 * then the stream's id is its channels' alone, and one of a single channel shares the frame of all.
 */
const COME_BACK_MS = 10_000;

export interface HeartbeatsOptions {
  readonly sessions: Sessions;
  readonly fanOut: FanOut;
  readonly sockets: ViewerSockets;
  readonly clock: Clock;
}

/** What every stream needs now and then: heartbeats, an end for those who are stuck. */
export class Heartbeats {
  private timer: Timer | undefined;
  private tick = 0;

  constructor(private readonly parts: HeartbeatsOptions) {}

  start(): void {
    this.timer = every(this.parts.clock, TICK_MS, () => {
      this.tick += 1;
      this.beat();
      this.resolveWaiting();
    });
  }

  close(): void {
    this.timer?.cancel();
  }

  // A viewer number's remainder spreads the heartbeats evenly over their period.
  private beat(): void {
    const slots = HEARTBEAT_MS / TICK_MS;
    const viewers: number[] = [];
    const stuck: Session[] = [];
    const now = this.parts.clock.monotonic();
    for (const session of this.parts.sessions.all()) {
      if (now - session.openedAt > COME_BACK_MS) session.forgetRememberedPlaces();
      if (session.fullSince !== undefined) {
        if (now - session.fullSince > SLOW_VIEWER_MS) stuck.push(session);
      } else if (session.viewer % slots === this.tick % slots) viewers.push(session.viewer);
    }
    this.parts.sockets.send(Int32Array.from(viewers), HEARTBEAT_FRAME);
    for (const session of stuck) this.parts.sessions.end(session, 'slow');
  }

  private resolveWaiting(): void {
    const now = this.parts.clock.monotonic();
    for (const row of [...this.parts.fanOut.waiting]) {
      const isLate = now >= (row.waitUntil ?? now);
      if (!isLate && row.channel.sent) this.parts.fanOut.ask(row.channel);
      if (!isLate) continue;
      if (row.channel.sent) this.parts.fanOut.sendLatest(row);
      else this.parts.sessions.end(row.session, 'unavailable');
    }
  }
}
