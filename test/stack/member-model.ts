/** The streams of one member, as this process has opened and closed them. */
interface MemberStreams {
  open: number;
  /** When the last one was closed, ms of this process's clock. */
  closedAt: number;
}

/** Who is connected, and what watchers were shown of it. */
export class MemberModel {
  private readonly members = new Map<string, MemberStreams>();
  private readonly shownOnline = new Map<string, boolean>();
  /** Events `online: false` of members who were back within the grace period. */
  readonly flickers: string[] = [];
  /** Times from the last close to `online: false`, ms. */
  readonly offlineMs: number[] = [];

  constructor(private readonly graceMs: number) {}

  opened(id: string): void {
    this.streams(id).open += 1;
  }

  closed(id: string): void {
    const streams = this.streams(id);
    streams.open -= 1;
    if (streams.open === 0) streams.closedAt = performance.now();
  }

  /** A watcher was sent a member's state. */
  shown(id: string, isOnline: boolean): void {
    const before = this.shownOnline.get(id);
    this.shownOnline.set(id, isOnline);
    if (isOnline || before !== true) return;
    const { closedAt, open } = this.streams(id);
    const goneMs = performance.now() - closedAt;
    if (open > 0 || goneMs < this.graceMs) this.flickers.push(`${id} ${open} ${goneMs | 0}`);
    else this.offlineMs.push(goneMs);
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
      streams = { open: 0, closedAt: Number.NEGATIVE_INFINITY };
      this.members.set(id, streams);
    }
    return streams;
  }
}
