import type { ViewerSockets } from '../../adapters/viewer-sockets';
import { type Clock, every, type Timer } from '../../runtime/clock';
import { isLogged } from '../../schemas/event-types';
import type { FanOut } from '../channels/fan-out';
import { PING_FRAME } from '../channels/frames';
import type { Session } from './session';
import type { Sessions } from './sessions';

const TICK_MS = 500;

/** Each stream carries something at least this often. */
export const HEARTBEAT_MS = 10_000;

/**
 * A viewer whose connection was full for this long is disconnected, with a reset. The kernel's
 * time-out (`UNACKNOWLEDGED_MS`) begins earlier, at the first unacknowledged byte, and ends the
 * connection without a packet to the viewer. So this time is much shorter.
 */
export const SLOW_VIEWER_MS = 10_000;

/**
 * A page that joined channels by `PUT` joins them again after `ready`. The places of its last event
 * id are kept this long; after that, a stream of a single channel shares the frames of its cohort.
 */
const REMEMBER_PLACES_MS = 10_000;

export interface HeartbeatsOptions {
  readonly sessions: Sessions;
  readonly fanOut: FanOut;
  readonly sockets: ViewerSockets;
  readonly clock: Clock;
}

/** Sends heartbeats, ends the streams of slow viewers, and ends waits that take too long. */
export class Heartbeats {
  private timer: Timer | undefined;
  private tick = 0;

  constructor(private readonly options: HeartbeatsOptions) {}

  start(): void {
    this.timer = every(this.options.clock, TICK_MS, () => {
      this.tick += 1;
      this.sendHeartbeats();
      this.resolveWaiting();
    });
  }

  close(): void {
    this.timer?.cancel();
  }

  // The remainder of a viewer's number spreads the heartbeats evenly over their period.
  private sendHeartbeats(): void {
    const slots = HEARTBEAT_MS / TICK_MS;
    const viewers: number[] = [];
    const slow: Session[] = [];
    const now = this.options.clock.monotonic();
    for (const session of this.options.sessions.all()) {
      if (now >= (session.endsAt ?? Infinity)) {
        this.options.sessions.endSoon(session, 'token_expired');
        continue;
      }
      if (now - session.openedAt > REMEMBER_PLACES_MS) session.forgetRememberedPlaces();
      if (session.fullSince !== undefined) {
        if (now - session.fullSince > SLOW_VIEWER_MS) slow.push(session);
      } else if (session.viewer % slots === this.tick % slots) viewers.push(session.viewer);
    }
    this.options.sockets.send(Int32Array.from(viewers), PING_FRAME);
    for (const session of slow) this.options.sessions.end(session, 'slow');
  }

  private resolveWaiting(): void {
    const now = this.options.clock.monotonic();
    for (const row of [...this.options.fanOut.waiting]) {
      const isLate = now >= (row.waitUntil ?? now);
      const { channel, sent } = row.view;
      if (sent) this.options.fanOut.requestState(channel);
      if (!isLate) continue;
      if (sent) this.options.fanOut.sendLatest(row);
      else if (row.view.types.some(isLogged)) this.options.sessions.end(row.session, 'unavailable');
      // A leased state may be missing for long. The viewer is sent it once it comes.
      else this.options.fanOut.endWait(row);
    }
  }
}
