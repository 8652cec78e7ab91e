import { type Setting, Viewer } from './viewer';

const OPENING_TICK_MS = 10;
const CUTTING_TICK_MS = 20;
const CHECKING_TICK_MS = 1000;
const MAX_SILENCE_MS = 20_000;
const MIN_AWAY_MS = 50;
const MAX_AWAY_MS = 2000;
const FIRST_SOURCE = 2;
const MS_PER_SECOND = 1000;

/** The number of viewers, their videos and source addresses. */
export interface AudiencePlan {
  readonly viewers: number;
  readonly videos: readonly string[];
  readonly sourceAddresses: number;
  /** Viewers a second. */
  readonly connectRate: number;
}

/** All viewers: opens them at a rate, cuts some, and reconnects silent streams. */
export class Audience {
  readonly viewers: readonly Viewer[];
  private opened = 0;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly plan: AudiencePlan,
    private readonly setting: Setting,
  ) {
    this.viewers = Array.from({ length: plan.viewers }, (_, number) => {
      const video = plan.videos[number % plan.videos.length] ?? '';
      return new Viewer(number, video, sourceOf(number, plan.sourceAddresses), setting);
    });
  }

  /** Starts to open viewers, evenly at the plan's rate. */
  open(): void {
    const begun = performance.now();
    const timer = this.every(OPENING_TICK_MS, () => {
      const elapsed = (performance.now() - begun) / MS_PER_SECOND;
      const due = Math.min(this.viewers.length, Math.ceil(elapsed * this.plan.connectRate));
      while (this.opened < due) {
        this.viewers[this.opened]?.open();
        this.opened += 1;
      }
      if (this.opened === this.viewers.length) {
        clearInterval(timer);
      }
    });
    this.every(CHECKING_TICK_MS, () => this.checkSilence());
  }

  /** Cuts `rate` random viewers a second, until the returned function is called. */
  startCutting(rate: number): () => void {
    if (rate === 0) {
      return () => undefined;
    }
    const begun = performance.now();
    let cuts = 0;
    const timer = this.every(CUTTING_TICK_MS, () => {
      const due = Math.floor(((performance.now() - begun) / MS_PER_SECOND) * rate);
      for (; cuts < due; cuts += 1) {
        this.cutOne();
      }
    });
    return () => clearInterval(timer);
  }

  /** The number of viewers with an open stream. */
  connected(): number {
    return this.viewers.reduce((sum, viewer) => sum + (viewer.connected ? 1 : 0), 0);
  }

  /** The number of viewers that have a total. */
  seated(): number {
    return this.viewers.reduce((sum, viewer) => sum + (viewer.total >= 0 ? 1 : 0), 0);
  }

  /** Whether every viewer has a total or has given up. */
  complete(): boolean {
    return this.viewers.every((viewer) => viewer.total >= 0 || viewer.gaveUp !== undefined);
  }

  /** Closes all viewers. */
  close(): void {
    this.timers.forEach((timer) => {
      clearInterval(timer);
    });
    this.viewers.forEach((viewer) => {
      viewer.close();
    });
  }

  private cutOne(): void {
    const viewer = this.viewers[Math.floor(Math.random() * this.viewers.length)];
    if (viewer?.connected) {
      this.setting.tally.cuts += 1;
      viewer.cut(MIN_AWAY_MS + Math.random() * (MAX_AWAY_MS - MIN_AWAY_MS));
    }
  }

  // Only open streams are checked: a viewer that waits to reconnect receives nothing.
  private checkSilence(): void {
    const oldest = Date.now() - MAX_SILENCE_MS;
    for (const viewer of this.viewers) {
      if (viewer.streaming && viewer.heardAt < oldest) {
        this.setting.tally.silences += 1;
        viewer.cut(0);
      }
    }
  }

  private every(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setInterval(act, ms);
    this.timers.push(timer);
    return timer;
  }
}

function sourceOf(number: number, addresses: number): string | undefined {
  return addresses === 0 ? undefined : `127.0.0.${FIRST_SOURCE + (number % addresses)}`;
}
