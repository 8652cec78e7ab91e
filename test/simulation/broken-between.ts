import type { LikeStore, Offsets } from '../../adapters/row-store';
import type { OwnLogReader } from '../../dispatchers/owner/own-log';
import {
  Doubles,
  type DoublesParts,
  type Heard,
} from '../../dispatchers/peers/cross-datacenter-duplicates';
import { Peers } from '../../dispatchers/peers/peers';
import { type Row, SharedLikes } from './shared-likes';
import type { BrokenParts } from './site';

/** Compares nothing of what peers counted with what our log has. */
class DeafDoubles extends Doubles {
  override async hear(): Promise<[]> {
    return [];
  }
}

/** The earlier datacenter publishes nothing again for a later one. */
class EarlierIsSilent extends Doubles {
  override async hear(channel: string, theirs: readonly Heard[], own: OwnLogReader): Promise<[]> {
    await super.hear(channel, theirs, own);
    return [];
  }
}

/** Compares our likes, as they are counted, with nothing; the earlier datacenter finds none. */
class ForgetfulDoubles extends EarlierIsSilent {
  override counted(): void {}
}

/** Learns the ids of replayed updates without comparing them; the earlier datacenter finds none. */
class LearnsReplaysOnly extends EarlierIsSilent {
  override async hear(channel: string, theirs: readonly Heard[], own: OwnLogReader): Promise<[]> {
    const replayed = theirs.filter(({ isAgain }) => isAgain);
    await super.hear(channel, replayed, { ...wrapped(own), has: () => false });
    const others = theirs.filter(({ isAgain }) => !isAgain);
    return super.hear(channel, others, own);
  }
}

/** Cancels with the reaction of the row, which is the earlier datacenter's. */
class CancelsTheirReaction extends Doubles {
  constructor(parts: DoublesParts) {
    super({ ...parts, store: withReactionsOfRows(parts.store) });
  }

  override flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return super.flush((channel) => withoutUnstored(ownOf(channel)));
  }
}

/** Cancels with the reaction of our row, although an earlier copy may not be stored yet. */
class CancelsStoredReaction extends Doubles {
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
class CancelsUnreadReaction extends Doubles {
  override hear(channel: string, theirs: readonly Heard[], own: OwnLogReader) {
    return super.hear(channel, theirs, { ...wrapped(own), hasRead: () => true });
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
export const BROKEN_BETWEEN: Readonly<Record<string, BrokenParts>> = {
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

function withReactionsOfRows(store: LikeStore): LikeStore {
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
    owes: (like) => own.owes(like),
    hasTakenBack: (like) => own.hasTakenBack(like),
    unstoredReaction: (like) => own.unstoredReaction(like),
  };
}
