import type { Clock, Timer } from '../../../runtime/clock';
import type { Viewer } from '../../viewer-sockets';

/** Connections that are being closed: each has the same time to receive its last frame. */
export class ClosingConnections {
  private readonly until = new Map<Viewer, number>();
  private timer: Timer | undefined;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
    private readonly late: (viewer: Viewer) => void,
  ) {}

  add(viewer: Viewer): void {
    this.until.set(viewer, this.clock.monotonic() + this.ms);
    this.timer ??= this.clock.after(this.ms, () => this.expire());
  }

  /** Removes a connection that has ended. */
  done(viewer: Viewer): void {
    if (!this.until.delete(viewer) || this.until.size > 0) return;
    this.timer?.cancel();
    this.timer = undefined;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Resolves when no connection is being closed. */
  async whenEmpty(): Promise<void> {
    if (this.until.size > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  // The map's order is that of the additions, and so that of the times.
  private expire(): void {
    this.timer = undefined;
    const now = this.clock.monotonic();
    for (const [viewer, until] of this.until) {
      if (until > now) {
        this.timer = this.clock.after(until - now, () => this.expire());
        return;
      }
      this.late(viewer);
      this.done(viewer);
    }
  }
}
