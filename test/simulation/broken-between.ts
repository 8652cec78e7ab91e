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

/** Compares nothing of what peers counted with what our log has. */
class DeafDoubles extends CrossDatacenterDuplicates {
  override async applyPeerEntries(): Promise<[]> {
    return [];
  }
}

/** The earlier datacenter publishes nothing again for a later one. */
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

/** Compares our likes, as they are counted, with nothing; the earlier datacenter finds none. */
class ForgetfulDoubles extends EarlierIsSilent {
  override counted(): void {}
}

/** Learns the ids of replayed updates without comparing them; the earlier datacenter finds none. */
class LearnsReplaysOnly extends EarlierIsSilent {
  override async applyPeerEntries(
    channel: string,
    theirs: readonly PeerEntry[],
    own: OwnLogReader,
  ): Promise<[]> {
    const replayed = theirs.filter(({ isReplay: isAgain }) => isAgain);
    await super.applyPeerEntries(channel, replayed, { ...wrapped(own), has: () => false });
    const others = theirs.filter(({ isReplay: isAgain }) => !isAgain);
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

class SilentPeers extends Peers {
  override toRepublish(): [] {
    return [];
  }
}

/** Parts that lack one mechanism that only several datacenters have. */
export const BROKEN_BETWEEN: Readonly<Record<string, BrokenOptions>> = {
  'hearing which likes a peer has taken': { doubles: DeafDoubles },
  'knowing which likes a peer had taken': { doubles: ForgetfulDoubles },
  'comparing likes that a peer had taken before': { doubles: LearnsReplaysOnly },
  'republishing likes that were stored late': { peers: SilentPeers },
  'republishing likes that a later datacenter took': { doubles: EarlierIsSilent },
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
