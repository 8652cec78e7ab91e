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

/** Compares no like that a peer counted with our log. */
class ComparesNoPeerEntries extends CrossDatacenterDuplicates {
  override async applyPeerEntries(): Promise<[]> {
    return [];
  }
}

/** Publishes no like again that a later datacenter counted, too. */
class EarlierRepublishesNothing extends CrossDatacenterDuplicates {
  override async applyPeerEntries(
    channel: string,
    theirs: readonly PeerEntry[],
    own: OwnLogReader,
  ): Promise<[]> {
    await super.applyPeerEntries(channel, theirs, own);
    return [];
  }
}

/** Compares no like that our log counts; the earlier datacenter publishes none again. */
class RemembersNoPeerIds extends EarlierRepublishesNothing {
  override counted(): void {}
}

/** Notes replayed ids without a comparison; the earlier datacenter publishes none again. */
class LearnsReplaysOnly extends EarlierRepublishesNothing {
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

/** Cancels with the reaction of the row, which is the earlier datacenter's. */
class CancelsTheirReaction extends CrossDatacenterDuplicates {
  constructor(parts: CrossDatacenterDuplicatesOptions) {
    super({ ...parts, store: withReactionsOfRows(parts.store) });
  }

  override flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return super.flush((channel) => withoutUnstored(ownOf(channel)));
  }
}

/** Cancels with the reaction of our row, although an earlier copy may not be stored yet. */
class CancelsStoredReaction extends CrossDatacenterDuplicates {
  override flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return super.flush((channel) => withoutUnstored(ownOf(channel)));
  }
}

/** Shows the copy with the smallest offset, of whichever log. */
class SmallestOffset extends SharedLikes {
  protected override originOf({ copies }: Row): string | undefined {
    const sorted = [...copies].sort(([, one], [, other]) => one.offset - other.offset);
    return sorted[0]?.[0];
  }
}

/** Cancels with the reaction of a row although our log was not read up to it yet. */
class CancelsUnreadReaction extends CrossDatacenterDuplicates {
  override applyPeerEntries(channel: string, theirs: readonly PeerEntry[], own: OwnLogReader) {
    return super.applyPeerEntries(channel, theirs, { ...wrapped(own), hasRead: () => true });
  }

  override flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return super.flush((channel) => ({ ...wrapped(ownOf(channel)), hasRead: () => true }));
  }
}

/** Publishes no like again that was stored late. */
class RepublishesNothing extends Peers {
  override toRepublish(): [] {
    return [];
  }
}

/** Parts that lack one mechanism that only several datacenters have. */
export const BROKEN_BETWEEN: Readonly<Record<string, BrokenOptions>> = {
  'comparing likes that a peer counted': { crossDatacenter: ComparesNoPeerEntries },
  'remembering likes that a peer counted': { crossDatacenter: RemembersNoPeerIds },
  'comparing replayed likes of a peer': { crossDatacenter: LearnsReplaysOnly },
  'republishing likes that were stored late': { peers: RepublishesNothing },
  'republishing likes that a later datacenter counted': {
    crossDatacenter: EarlierRepublishesNothing,
  },
  'cancelling the reaction that our log counted': { crossDatacenter: CancelsTheirReaction },
  'cancelling the reaction of an unstored copy': { crossDatacenter: CancelsStoredReaction },
  'waiting until a stored copy is read': { crossDatacenter: CancelsUnreadReaction },
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
