import type { Offsets, RowStore } from '../../adapters/row-store';
import type { OwnLogReader } from '../../dispatchers/owner/own-log';
import {
  CrossDatacenterDuplicates,
  type CrossDatacenterDuplicatesOptions,
  type PeerEntry,
} from '../../dispatchers/peers/cross-datacenter-duplicates';
import { Peers } from '../../dispatchers/peers/peers';
import { type Row, SharedLikes } from './shared-likes';
import type { BrokenOptions } from './site';

/** Ignores the ids that peers counted. */
class IgnoresPeers extends CrossDatacenterDuplicates {
  override async applyPeerEntries(): Promise<[]> {
    return [];
  }
}

/** The earlier datacenter does not publish an id again for a later one. */
class EarlierIsSilent extends CrossDatacenterDuplicates {
  override async applyPeerEntries(
    channel: string,
    theirs: readonly PeerEntry[],
    own: OwnLogReader,
  ): Promise<[]> {
    await super.applyPeerEntries(channel, theirs, own);
    return [];
  }
}

/** Does not compare our new likes with the peers' ids, and publishes none again. */
class IgnoresEarlierIds extends EarlierIsSilent {
  override counted(): void {}
}

/** Adds the ids of replayed updates without comparing them with our log; publishes none again. */
class LearnsReplaysOnly extends EarlierIsSilent {
  override async applyPeerEntries(
    channel: string,
    theirs: readonly PeerEntry[],
    own: OwnLogReader,
  ): Promise<[]> {
    const replayed = theirs.filter(({ isReplay }) => isReplay);
    await super.applyPeerEntries(channel, replayed, { ...wrapped(own), has: () => false });
    const others = theirs.filter(({ isReplay }) => !isReplay);
    return super.applyPeerEntries(channel, others, own);
  }
}

/** Cancels the reaction of the row, which is that of the earlier datacenter. */
class CancelsTheirReaction extends CrossDatacenterDuplicates {
  constructor(parts: CrossDatacenterDuplicatesOptions) {
    super({ ...parts, store: withReactionsOfRows(parts.store) });
  }

  override flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return super.flush((channel) => withoutUnstored(ownOf(channel)));
  }
}

/** Cancels the reaction of our row, although an earlier copy may not be stored yet. */
class CancelsStoredReaction extends CrossDatacenterDuplicates {
  override flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return super.flush((channel) => withoutUnstored(ownOf(channel)));
  }
}

/** Shows the copy with the smallest offset of all logs. */
class SmallestOffset extends SharedLikes {
  protected override originOf({ copies }: Row): string | undefined {
    const sorted = [...copies].sort(([, one], [, other]) => one.offset - other.offset);
    return sorted[0]?.[0];
  }
}

/** Cancels the reaction of a row although our log was not read up to it yet. */
class CancelsUnreadReaction extends CrossDatacenterDuplicates {
  override applyPeerEntries(channel: string, theirs: readonly PeerEntry[], own: OwnLogReader) {
    return super.applyPeerEntries(channel, theirs, { ...wrapped(own), hasRead: () => true });
  }

  override flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return super.flush((channel) => ({ ...wrapped(ownOf(channel)), hasRead: () => true }));
  }
}

class SilentPeers extends Peers {
  override toRepublish(): [] {
    return [];
  }
}

/** Parts without one mechanism; only several datacenters have these. */
export const BROKEN_BETWEEN: Readonly<Record<string, BrokenOptions>> = {
  'applying the updates of a peer': { doubles: IgnoresPeers },
  'comparing new likes with the ids of a peer': { doubles: IgnoresEarlierIds },
  'comparing the ids of a replayed update': { doubles: LearnsReplaysOnly },
  'republishing likes that were stored late': { peers: SilentPeers },
  'republishing likes that a later datacenter counted': { doubles: EarlierIsSilent },
  'cancelling the reaction that our log counted': { doubles: CancelsTheirReaction },
  'cancelling the reaction of an unstored copy': { doubles: CancelsStoredReaction },
  'waiting until a stored copy is read': { doubles: CancelsUnreadReaction },
  "the earlier datacenter's body in a row": { rows: SmallestOffset },
};

function withReactionsOfRows(store: RowStore): RowStore {
  return {
    insert: (channel, likes) => store.insert(channel, likes),
    find: (channel, likeIds) => store.find(channel, likeIds),
    withdraw: (channel, likeIds) => store.withdraw(channel, likeIds),
    async offsets(channel, likeIds) {
      const [offsets, rows] = await Promise.all([
        store.offsets(channel, likeIds),
        store.find(channel, likeIds),
      ]);
      const reactions = new Map(rows.map(({ likeId, reaction }) => [likeId, reaction]));
      return new Map([...offsets].map(([id, each]) => [id, withReaction(each, reactions.get(id))]));
    },
  };
}

function withReaction(offsets: Offsets, reaction: string | undefined): Offsets {
  const { own } = offsets;
  return own && reaction !== undefined ? { ...offsets, own: { ...own, reaction } } : offsets;
}

function withoutUnstored(own: OwnLogReader): OwnLogReader {
  return { ...wrapped(own), unstoredReaction: () => undefined };
}

function wrapped(own: OwnLogReader): OwnLogReader {
  return {
    isRead: own.isRead,
    now: own.now,
    isDefinite: (like) => own.isDefinite(like),
    has: (like) => own.has(like),
    hasRead: (offset) => own.hasRead(offset),
    isUnstored: (like) => own.isUnstored(like),
    hasCancelled: (like) => own.hasCancelled(like),
    unstoredReaction: (like) => own.unstoredReaction(like),
  };
}
