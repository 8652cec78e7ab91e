import type { PeerUpdate } from '../../schemas/peer-update';
import type { Now } from '../../schemas/retention';
import { byChannel } from '../by-channel';
import { type EntryKey, entryKey, type KeyOptions } from '../owner/entry-key';
import { Fingerprints } from '../owner/fingerprints';
import type { EntryEvent } from '../owner/log-event';
import type { OwnLogReader } from '../owner/own-log';
import type { CrossDatacenterDuplicates, PeerEntry } from './cross-datacenter-duplicates';

export interface PeersOptions extends Pick<KeyOptions, 'type'> {
  /** Keys the fingerprints, so clients cannot forge a collision of two ids. */
  readonly secret: string;
  readonly duplicates: CrossDatacenterDuplicates;
}

/** Collects counted entries for other datacenters, and compares theirs with our own. */
export class Peers {
  /** By channel, the ids counted in the current batch. */
  private countedIds = new Map<string, string[]>();

  private readonly keyOptions: KeyOptions;

  constructor(private readonly options: PeersOptions) {
    const { secret, type } = options;
    this.keyOptions = { type, fingerprints: new Fingerprints(secret) };
  }

  /** Notes an entry that our log counted. `elsewhere`: other origins that have it in the store. */
  counted(entry: EntryEvent, elsewhere?: readonly string[]): void {
    const ids = this.countedIds.get(entry.channel);
    if (ids) ids.push(entry.entryId);
    else this.countedIds.set(entry.channel, [entry.entryId]);
    this.options.duplicates.counted(entry, elsewhere);
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

  /** Selects, from the entries that were stored late, those to publish again: all of them. */
  toRepublish(storedLate: readonly EntryEvent[]): readonly EntryKey[] {
    return storedLate;
  }

  /** Whether too many entries wait to be cancelled; the partition then consumes no records. */
  get isFull(): boolean {
    return this.options.duplicates.isFull;
  }

  /** Notes that our log has a cancel of the entry. */
  cancelled(channel: string, entryId: string): void {
    this.options.duplicates.cancelled(channel, entryId);
  }

  /**
   * Compares the entries that peers have counted with our log. Resolves with those that a later
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

  /** Whether entries wait to be cancelled that no `flush` could cancel. */
  get isUnflushed(): boolean {
    return this.options.duplicates.isUnflushed;
  }

  /** Entries that wait to be cancelled. */
  get size(): number {
    return this.options.duplicates.size;
  }

  private entriesOf({ channel, countedIds, isReplay, origin }: PeerUpdate): PeerEntry[] {
    return countedIds.map((entryId) => ({
      ...entryKey(this.keyOptions, channel, entryId),
      ...{ origin, isReplay },
    }));
  }
}
