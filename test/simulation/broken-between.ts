import type { Offsets, RowStore } from '../../adapters/row-store';
import type { OwnLogReader } from '../../dispatchers/owner/own-log';
import {
  CrossDatacenterDuplicates,
  type CrossDatacenterDuplicatesOptions,
  type PeerEntry,
} from '../../dispatchers/peers/cross-datacenter-duplicates';
import { Peers } from '../../dispatchers/peers/peers';
import { BROKEN_LEASED_BETWEEN } from './broken-leased';
import { BROKEN_LOGGED_BETWEEN } from './broken-logged';
import { type Row, SharedRows } from './shared-rows';
import type { BrokenOptions } from './site';

/** Compares no entry that a peer counted with our log. */
class ComparesNoPeerEntries extends CrossDatacenterDuplicates {
  override async applyPeerEntries(): Promise<[]> {
    return [];
  }
}

/** Publishes no entry again that a later datacenter counted, too. */
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

/** Compares no entry that our log counts; the earlier datacenter publishes none again. */
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

/** Cancels with the body of the row, which is the earlier datacenter's. */
class CancelsTheirBody extends CrossDatacenterDuplicates {
  constructor(parts: CrossDatacenterDuplicatesOptions) {
    super({ ...parts, store: withBodiesOfRows(parts.store) });
  }

  override flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return super.flush((channel) => withoutUnstored(ownOf(channel)));
  }
}

/** Cancels with the body of our row, although an earlier copy may not be stored yet. */
class CancelsStoredBody extends CrossDatacenterDuplicates {
  override flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return super.flush((channel) => withoutUnstored(ownOf(channel)));
  }
}

/** Shows the copy with the smallest offset, of whichever log. */
class SmallestOffset extends SharedRows {
  protected override originOf({ copies }: Row): string | undefined {
    const sorted = [...copies].sort(([, one], [, other]) => one.offset - other.offset);
    return sorted[0]?.[0];
  }
}

/** Cancels with the body of a row although our log was not read up to it yet. */
class CancelsUnreadBody extends CrossDatacenterDuplicates {
  override applyPeerEntries(channel: string, theirs: readonly PeerEntry[], own: OwnLogReader) {
    return super.applyPeerEntries(channel, theirs, { ...wrapped(own), hasRead: () => true });
  }

  override flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return super.flush((channel) => ({ ...wrapped(ownOf(channel)), hasRead: () => true }));
  }
}

/** Publishes no entry again that was stored late. */
class RepublishesNothing extends Peers {
  override toRepublish(): [] {
    return [];
  }
}

/** Parts that lack one mechanism that only several datacenters have. */
export const BROKEN_BETWEEN: Readonly<Record<string, BrokenOptions>> = {
  'comparing entries that a peer counted': { crossDatacenter: ComparesNoPeerEntries },
  'remembering entries that a peer counted': { crossDatacenter: RemembersNoPeerIds },
  'comparing replayed entries of a peer': { crossDatacenter: LearnsReplaysOnly },
  'republishing entries that were stored late': { peers: RepublishesNothing },
  'republishing entries that a later datacenter counted': {
    crossDatacenter: EarlierRepublishesNothing,
  },
  'cancelling the body that our log counted': { crossDatacenter: CancelsTheirBody },
  'cancelling the body of an unstored copy': { crossDatacenter: CancelsStoredBody },
  'waiting until a stored copy is read': { crossDatacenter: CancelsUnreadBody },
  "the earlier datacenter's body in a row": { rows: SmallestOffset },
  ...BROKEN_LEASED_BETWEEN,
  ...BROKEN_LOGGED_BETWEEN,
};

function withBodiesOfRows(store: RowStore): RowStore {
  return {
    insert: (channel, entries) => store.insert(channel, entries),
    find: (channel, ids) => store.find(channel, ids),
    withdraw: (channel, ids) => store.withdraw(channel, ids),
    remove: (channel, ids) => store.remove(channel, ids),
    async offsets(channel, ids) {
      const [offsets, rows] = await Promise.all([
        store.offsets(channel, ids),
        store.find(channel, ids),
      ]);
      const bodies = new Map(rows.map(({ body, id }) => [id, body]));
      return new Map([...offsets].map(([id, each]) => [id, withBody(each, bodies.get(id))]));
    },
  };
}

function withBody(offsets: Offsets, body: unknown): Offsets {
  const { own } = offsets;
  return own && body !== undefined ? { ...offsets, own: { ...own, body } } : offsets;
}

function withoutUnstored(own: OwnLogReader): OwnLogReader {
  return { ...wrapped(own), unstoredCopy: () => undefined };
}

function wrapped(own: OwnLogReader): OwnLogReader {
  return {
    isRead: own.isRead,
    now: own.now,
    isDefinite: (entry) => own.isDefinite(entry),
    has: (entry) => own.has(entry),
    hasRead: (offset) => own.hasRead(offset),
    isUnstored: (entry) => own.isUnstored(entry),
    hasCancelled: (entry) => own.hasCancelled(entry),
    unstoredCopy: (entry) => own.unstoredCopy(entry),
  };
}
