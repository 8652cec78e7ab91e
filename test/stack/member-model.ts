/** The streams of one member, as this process has opened and closed them. */
interface MemberStreams {
  open: number;
  /** When the last one was closed, and when the first of those now was opened: monotonic ms. */
  closedAt: number;
  openedAt: number;
  /** When a stream ended that was new: whether the directory ever had it is not known. */
  abandonedAt: number;
  /** When it came back after more than the grace period. */
  cameBackAt: number;
}

/** An event may be on its way for so long when a stream opens. */
const ON_THE_WAY_MS = 1_000;

/** An open stream is reported within this time, also by a busy machine. */
const REPORTED_MS = 3_000;

/** After a fault an absence may be shown so late that the member is back meanwhile. */
const MAX_LATE_MS = 8_000;

/** The contract's time until all is right after a fault: until then a return may be heard late. */
const RIGHT_AGAIN_MS = 12_000;

/** Who is connected, and what watchers were shown of it. */
export class MemberModel {
  private readonly members = new Map<string, MemberStreams>();
  private readonly shownOnline = new Map<string, boolean>();
  /** Events `online: false` of members who were there, or back within the grace period. */
  readonly flickers: string[] = [];
  /** Times from the last close to `online: false`, ms. */
  readonly offlineMs: number[] = [];
  /** Events `online: false` of members who were away for long, and had just come back. */
  late = 0;
  private phase = '';
  private phaseAt = 0;

  constructor(private readonly graceMs: number) {}

  /** Names what happens from now on, for the list of flickers. */
  begin(phase: string): void {
    this.phase = phase;
    this.phaseAt = performance.now();
  }

  opened(id: string): void {
    const streams = this.streams(id);
    streams.open += 1;
    if (streams.open > 1) return;
    streams.openedAt = performance.now();
    if (streams.openedAt - streams.closedAt >= this.graceMs) streams.cameBackAt = streams.openedAt;
  }

  closed(id: string): void {
    const streams = this.streams(id);
    streams.open -= 1;
    if (streams.open === 0) streams.closedAt = performance.now();
  }

  /** A stream has ended with its frontend, which may not have reported it yet. */
  lost(id: string): void {
    const streams = this.streams(id);
    if (performance.now() - streams.openedAt < REPORTED_MS) streams.abandonedAt = performance.now();
    this.closed(id);
  }

  /** A stream has ended before it was open. */
  abandoned(id: string): void {
    this.streams(id).abandonedAt = performance.now();
  }

  /** A watcher was sent a member's state. */
  shown(id: string, isOnline: boolean): void {
    const before = this.shownOnline.get(id);
    this.shownOnline.set(id, isOnline);
    if (isOnline || before !== true) return;
    const now = performance.now();
    const { abandonedAt, cameBackAt, closedAt, open, openedAt } = this.streams(id);
    const isHere = open > 0 && now - openedAt > ON_THE_WAY_MS;
    const goneMs = (open > 0 ? openedAt : now) - closedAt;
    // Whether a stream that was never open, or hardly, counted is not known.
    const isUnknown = now - abandonedAt < 2 * this.graceMs;
    const isFresh = now - this.phaseAt < RIGHT_AGAIN_MS;
    const isLate = isFresh && goneMs > this.graceMs - MAX_LATE_MS && !isHere;
    if (isLate || now - cameBackAt < MAX_LATE_MS) this.late += 1;
    else if (isHere || (goneMs < this.graceMs && !isUnknown)) {
      const at = `${((now - this.phaseAt) / 1_000).toFixed(1)} s after ${this.phase}`;
      this.flickers.push(`${id}: ${open} streams, away for ${goneMs | 0} ms, ${at}`);
    } else if (!isUnknown && Number.isFinite(closedAt)) this.offlineMs.push(now - closedAt);
  }

  isOnline(id: string): boolean {
    return this.streams(id).open > 0;
  }

  /** The members whose shown state is not the true one. */
  wrong(): string[] {
    return [...this.members.keys()].filter(
      (id) => (this.shownOnline.get(id) ?? false) !== this.isOnline(id),
    );
  }

  get ids(): string[] {
    return [...this.members.keys()];
  }

  private streams(id: string): MemberStreams {
    let streams = this.members.get(id);
    if (!streams) {
      const never = Number.NEGATIVE_INFINITY;
      const times = { closedAt: never, openedAt: never, abandonedAt: never, cameBackAt: never };
      streams = { open: 0, ...times };
      this.members.set(id, streams);
    }
    return streams;
  }
}
