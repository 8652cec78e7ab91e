import type { EventLog } from '../../adapters/event-log';
import type { RowStore } from '../../adapters/row-store';
import { BoundedMap } from '../../runtime/bounded-map';
import type { Clock } from '../../runtime/clock';
import { LikestreamError } from '../../schemas/errors';
import type { LoggedType } from '../../schemas/event-type';
import type { PeerUpdate } from '../../schemas/peer-update';
import type { Undeleted } from '../../schemas/policy';
import { encodeRecord } from '../../schemas/record';
import type { Vector } from '../../schemas/state';
import { byChannel } from '../by-channel';
import { Serial } from '../owner/serial';

/** If more deletions than this wait, the partition applies no updates of peers. */
export const MAX_PENDING_DELETIONS = 10_000;

/** The deletions that are remembered: our log may have the entry later. */
const MAX_REMEMBERED = 20_000;

/** Records of one append. */
const RECORDS_PER_APPEND = 500;

export interface PendingDeletionsOptions {
  /** The type of the log's entries; it is deletable. */
  readonly type: Pick<LoggedType, 'name' | 'policy'>;
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly log: EventLog;
  readonly store: Pick<RowStore, 'offsets'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Whether our log has an entry that is not known to be stored. */
type IsUnstored = (channel: string, entryId: string) => boolean;

/** What a peer's update says of deletions. */
type Heard = Pick<PeerUpdate, 'channel' | 'deletedIds' | 'isReplay' | 'origin'>;

interface PendingDeletion {
  readonly channel: string;
  readonly entryId: string;
  /** The origin whose log has the member's deletion. */
  readonly by: string;
  /** When this owner read it, ms since the epoch. */
  readonly at: number;
  /** Whether our log is known to have the entry. */
  isOwn: boolean;
  isAppended: boolean;
}

/**
 * Entries of our log that another datacenter has deleted. The owner appends a deletion to its own
 * log, too, so that the entry stays deleted once the peer's state no longer has the deletion, and
 * viewers hear of it who were past the peer's deletion before they had the entry.
 */
export class PendingDeletions {
  private readonly byName = new Map<string, PendingDeletion>();
  /** By deleted entry that our log did not have later, the origin whose log has the deletion. */
  private readonly remembered = new BoundedMap<string, string>(MAX_REMEMBERED);
  private waiting = 0;
  private readonly serial = new Serial();
  /** By channel, the ids that our log deleted in the current batch. */
  private deletedIds = new Map<string, string[]>();

  constructor(private readonly options: PendingDeletionsOptions) {}

  /** Compares a channel's states: notes the entries of ours that other origins have deleted. */
  compare(channel: string, vector: Vector): void {
    const { origin, type } = this.options;
    const own = vector[origin]?.state ?? type.policy.empty;
    for (const [by, { state }] of Object.entries(vector)) {
      if (by !== origin) this.note(channel, by, type.policy.undeleted?.(own, state) ?? []);
    }
  }

  /**
   * Notes the ids that a peer's log has deleted: its state may no longer have the deletions.
   * `vector` has our state of the channel.
   */
  hear({ channel, deletedIds, isReplay, origin: by }: Heard, vector: Vector): void {
    const { origin, type } = this.options;
    const { empty, undeleted } = type.policy;
    const own = vector[origin]?.state ?? empty;
    if (deletedIds) this.note(channel, by, undeleted?.(own, empty, deletedIds) ?? [], isReplay);
  }

  /** An owner here has looked up the entries of replays before. */
  private note(channel: string, by: string, all: readonly Undeleted[], isReplay = false): void {
    for (const { id: entryId, isOwn } of all) {
      const name = nameOf(channel, entryId);
      const known = this.byName.get(name);
      const isForeign = isOwn === false || (isReplay && !isOwn);
      if (known) known.isOwn ||= isOwn === true;
      else if (isForeign) this.remembered.set(name, by);
      else if (isOwn || !this.remembered.get(name)) this.add(channel, entryId, by, isOwn ?? false);
    }
  }

  /** Notes that other datacenters are to hear of a deletion of our log. */
  publish(channel: string, entryId: string): void {
    const ids = this.deletedIds.get(channel);
    if (ids) ids.push(entryId);
    else this.deletedIds.set(channel, [entryId]);
  }

  /** Removes and returns the ids of each channel that were deleted since the last call. */
  takeDeleted(): ReadonlyMap<string, readonly string[]> {
    const { deletedIds } = this;
    this.deletedIds = new Map();
    return deletedIds;
  }

  /**
   * Notes that our log has the entry. It may have been deleted long before, in a peer's log that
   * had a copy of it, or in ours: no state may have the deletion any more.
   */
  counted(channel: string, entryId: string): void {
    if (this.remembered.size === 0 && this.byName.size === 0) return;
    const name = nameOf(channel, entryId);
    const known = this.byName.get(name);
    const by = this.remembered.get(name);
    if (known) known.isOwn = true;
    else if (by !== undefined) this.add(channel, entryId, by, true);
  }

  /** Notes that our log has a deletion of the entry. */
  deleted(channel: string, entryId: string): void {
    this.remember(nameOf(channel, entryId), this.options.origin);
  }

  /**
   * Appends the deletions. Rejects, and keeps them, if log or store are unavailable. If a drain has
   * closed the log, keeps them and resolves: checkpoints continue, and viewers see no entry that
   * any state has deleted.
   */
  flush(isUnstored: IsUnstored): Promise<void> {
    // One after the other: two at once would append each deletion twice.
    return this.serial.run(() => this.appendAll(isUnstored));
  }

  private async appendAll(isUnstored: IsUnstored): Promise<void> {
    await this.lookUp(isUnstored);
    const all = [...this.byName.values()].filter(({ isAppended }) => !isAppended);
    for (let at = 0; at < all.length; at += RECORDS_PER_APPEND) {
      const some = all.slice(at, at + RECORDS_PER_APPEND);
      if (!(await this.append(some))) return;
      for (const deletion of some) this.markAppended(deletion);
    }
  }

  /** Finds out which entries our log has; the others do not wait. */
  private async lookUp(isUnstored: IsUnstored): Promise<void> {
    const unknown: PendingDeletion[] = [];
    for (const deletion of this.byName.values()) {
      // Before the look-up, which may be too early to find the row.
      deletion.isOwn ||= isUnstored(deletion.channel, deletion.entryId);
      if (!deletion.isOwn) unknown.push(deletion);
    }
    for (const [channel, deletions] of byChannel(unknown)) {
      const ids = deletions.map(({ entryId }) => entryId);
      const offsets = await this.options.store.offsets(channel, ids);
      for (const deletion of deletions) {
        deletion.isOwn ||= offsets.get(deletion.entryId)?.own !== undefined;
        const name = nameOf(channel, deletion.entryId);
        // It may have ended meanwhile, and another one may have come.
        const isCurrent = this.byName.get(name) === deletion;
        if (!deletion.isOwn && isCurrent) this.remember(name, deletion.by);
      }
    }
  }

  private add(channel: string, entryId: string, by: string, isOwn: boolean): void {
    const name = nameOf(channel, entryId);
    const at = this.options.clock.now();
    this.remembered.delete(name);
    this.byName.set(name, { channel, entryId, by, at, isOwn, isAppended: false });
    this.waiting += 1;
  }

  /** Ends the wait of a deletion: our log has it, or not the entry. */
  private remember(name: string, by: string): void {
    if (this.byName.get(name)?.isAppended === false) this.waiting -= 1;
    this.byName.delete(name);
    this.remembered.set(name, by);
  }

  /** Whether deletions wait that a successor would have to find in peers' updates. */
  get isUnflushed(): boolean {
    return this.waiting > 0;
  }

  /** Whether too many deletions are not read from our log yet: then apply no updates of peers. */
  get isFull(): boolean {
    return this.byName.size >= MAX_PENDING_DELETIONS;
  }

  /** Whether too many are not in our log: then read no records. Those that are must be read. */
  get isStuck(): boolean {
    return this.waiting >= MAX_PENDING_DELETIONS;
  }

  private markAppended(deletion: PendingDeletion): void {
    // Our log's record may have been read during the append.
    if (this.byName.get(nameOf(deletion.channel, deletion.entryId)) !== deletion) return;
    deletion.isAppended = true;
    this.waiting -= 1;
  }

  /** Resolves with whether the log accepted the records; false if it is closed. */
  private async append(deletions: readonly PendingDeletion[]): Promise<boolean> {
    const { log, type } = this.options;
    const entries = deletions.map(({ at, by, channel, entryId }) => {
      return { key: channel, value: encodeRecord({ deletes: entryId, memberId: by, at }) };
    });
    try {
      await log.append(type.name, entries);
      return true;
    } catch (error) {
      if (error instanceof LikestreamError && error.code === 'log_closed') return false;
      throw error;
    }
  }
}

function nameOf(channel: string, entryId: string): string {
  return `${channel}/${entryId}`;
}
