/** Ids of entries, by channel. */
export class IdsByChannel {
  private readonly byChannel = new Map<string, Set<string>>();
  private count = 0;

  add(channel: string, entryId: string): void {
    const ids = this.byChannel.get(channel) ?? new Set();
    if (ids.has(entryId)) return;
    this.byChannel.set(channel, ids.add(entryId));
    this.count += 1;
  }

  has(channel: string, entryId: string): boolean {
    return this.byChannel.get(channel)?.has(entryId) ?? false;
  }

  delete(channel: string, entryIds: readonly string[]): void {
    const ids = this.byChannel.get(channel);
    if (!ids) return;
    for (const entryId of entryIds) if (ids.delete(entryId)) this.count -= 1;
    if (ids.size === 0) this.byChannel.delete(channel);
  }

  /** A copy of all ids, by channel. */
  all(): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.byChannel].map(([channel, ids]) => [channel, [...ids]]));
  }

  /** The number of ids of all channels. */
  get size(): number {
    return this.count;
  }
}
