import type { ViewerLag } from '../../adapters/viewer-lag';
import type { SocketEvents, Viewer, ViewerSockets } from '../../adapters/viewer-sockets';
import type { Frame } from '../../schemas/frame';
import type { SimulatedProcess } from './process';
import type { Connections, SimulatedViewer } from './viewer';

/** How long what a slow viewer was sent waits; long enough to change the flush window. */
const SLOW_LAG_MS = 50;

/** The viewers' connections to one simulated frontend. */
export class SimulatedSockets implements ViewerSockets, ViewerLag, Connections {
  private readonly viewers = new Map<Viewer, SimulatedViewer>();
  private readonly full = new Set<Viewer>();
  private events: SocketEvents | undefined;
  private next = 1;

  constructor(private readonly process: SimulatedProcess) {}

  listen(events: SocketEvents): void {
    this.events = events;
  }

  connect(viewer: SimulatedViewer): Viewer {
    const number = this.next++;
    this.viewers.set(number, viewer);
    return number;
  }

  send(viewers: Int32Array, frame: Frame): readonly Viewer[] {
    const text = frame.plain.toString();
    const full: Viewer[] = [];
    for (const number of viewers) {
      const viewer = this.viewers.get(number);
      if (viewer?.isSlow) {
        full.push(number);
        this.full.add(number);
      } else viewer?.receive(this, number, text);
    }
    return full;
  }

  lagOf(number: Viewer): number {
    return this.viewers.get(number)?.isSlow ? SLOW_LAG_MS : 0;
  }

  close(number: Viewer, last?: Frame): void {
    const viewer = this.viewers.get(number);
    this.forget(number);
    if (last) viewer?.receive(this, number, last.plain.toString());
    viewer?.onClosed(this, number);
  }

  async end(): Promise<void> {}

  drain(number: Viewer): void {
    if (this.full.delete(number)) this.process.enter(() => this.events?.drained(number));
  }

  cut(number: Viewer): void {
    if (!this.viewers.has(number)) return;
    this.forget(number);
    this.process.enter(() => this.events?.gone(number));
  }

  /** Closes every connection, because the process has died. */
  cutAll(): void {
    const viewers = [...this.viewers];
    this.viewers.clear();
    for (const [number, viewer] of viewers) viewer.onClosed(this, number);
  }

  private forget(number: Viewer): void {
    this.viewers.delete(number);
    this.full.delete(number);
  }
}
