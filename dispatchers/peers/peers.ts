import type { PeerUpdate } from '../../schemas/peer-update';
import type { Now } from '../../schemas/retention';
import { byChannel } from '../by-channel';
import { type EntryKey, entryKey } from '../owner/entry-key';
import type { LikeEvent } from '../owner/log-event';
import type { OwnLogReader } from '../owner/own-log';
import type { CrossDatacenterDuplicates, PeerEntry } from './cross-datacenter-duplicates';

export interface PeersOptions {
  readonly duplicates: CrossDatacenterDuplicates;
  /** Keys the fingerprints. */
  readonly secret: string;
}

/** Collects counted likes for other datacenters, and compares theirs with our own. */
export class Peers {
  /** By channel, the ids counted in the current batch. */
  private countedIds = new Map<string, string[]>();

  constructor(private readonly options: PeersOptions) {}

  /** Notes a like that our log counted. `elsewhere`: other origins that have it in the store. */
  counted(like: LikeEvent, elsewhere?: readonly string[]): void {
    const ids = this.countedIds.get(like.channel) ?? [];
    this.countedIds.set(like.channel, ids);
    ids.push(like.likeId);
    this.options.duplicates.counted(like, elsewhere);
  }

  /** Whether ids that peers have counted were dropped although they are still needed. */
  isIncomplete(now: Now): boolean {
    return this.options.duplicates.isIncomplete(now);
  }

  /** Removes and returns the ids of each channel that were counted since the last call. */
  takeCounted(): ReadonlyMap<string, readonly string[]> {
    const { countedIds } = this;
    this.countedIds = new Map();
    return countedIds;
  }

  /** Selects, from the likes that were stored late, those to publish again: all of them. */
  toRepublish(storedLate: readonly LikeEvent[]): readonly EntryKey[] {
    return storedLate;
  }

  /** Whether too many likes wait to be cancelled; the partition then consumes no records. */
  get isFull(): boolean {
    return this.options.duplicates.isFull;
  }

  /** Notes that our log has a cancel of the like. */
  cancelled(channel: string, likeId: string): void {
    this.options.duplicates.cancelled(channel, likeId);
  }

  /**
   * Compares the likes that peers have counted with our log. Resolves with those that a later
   * datacenter has counted, too: publish them again, so that it cancels its copies.
   */
  async applyUpdates(
    updates: readonly PeerUpdate[],
    ownOf: (channel: string) => OwnLogReader,
  ): Promise<readonly EntryKey[]> {
    const channels = [...byChannel(updates.flatMap((update) => this.entriesOf(update)))];
    const toRepublish = await Promise.all(
      channels.map(([channel, entries]) =>
        this.options.duplicates.applyPeerEntries(channel, entries, ownOf(channel)),
      ),
    );
    return toRepublish.flat();
  }

  /** Appends the pending cancels; rejects, and keeps them, if that is not possible now. */
  flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return this.options.duplicates.flush(ownOf);
  }

  /** Whether likes wait to be cancelled that no `flush` could cancel. */
  get isUnflushed(): boolean {
    return this.options.duplicates.isUnflushed;
  }

  /** Likes that wait to be cancelled. */
  get size(): number {
    return this.options.duplicates.size;
  }

  private entriesOf({ channel, countedIds, isReplay, origin }: PeerUpdate): PeerEntry[] {
    return countedIds.map((likeId) => ({
      ...entryKey(this.options.secret, channel, likeId),
      ...{ origin, isReplay },
    }));
  }
}
