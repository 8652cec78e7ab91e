import fc from 'fast-check';
import { v7 } from 'uuid';
import '../../fixtures/same-runs';
import type { LogEntry } from '../../../adapters/event-log';
import type { LogRecord } from '../../../adapters/log-source';
import { DuplicateFilter } from '../../../dispatchers/owner/duplicate-filter';
import { Fold } from '../../../dispatchers/owner/fold';
import { Partition } from '../../../dispatchers/owner/partition';
import { CrossDatacenterDuplicates } from '../../../dispatchers/peers/cross-datacenter-duplicates';
import { entriesOf } from '../../../dispatchers/peers/peer-publisher';
import { Peers } from '../../../dispatchers/peers/peers';
import { PendingDeletions } from '../../../dispatchers/peers/pending-deletions';
import { comments as type } from '../../../schemas/comments';
import { DedupeWindow } from '../../../schemas/dedupe-window';
import type { Update } from '../../../schemas/delivery';
import { EventTypes } from '../../../schemas/event-types';
import { parsePeerUpdate } from '../../../schemas/peer-update';
import { mergeVectors, type Vector } from '../../../schemas/state';
import { VIDEO } from '../../fixtures/records';
import { FakeStore } from '../../producers/parts';
import { policy, type State } from '../../schemas/policies/append-parts';
import { VirtualClock } from '../../simulation/virtual-clock';
import { FakeStates, WINDOW_MS } from '../parts';
import { commented, deleted, START } from './comment-parts';

const types = new EventTypes([type]);
const IDS = Array.from({ length: 12 }, () => v7({ msecs: START }));

/** A datacenter with one partition, and one viewer of its frontends. */
class Site {
  readonly log: LogRecord[] = [];
  /** Its updates for the other one. */
  readonly sent: LogEntry[] = [];
  vector: Vector = {};
  readonly shown: string[] = [];
  private readonly seen = { total: 0, versions: new Map<string, number>() };
  private readonly parts = { clock: new VirtualClock(), states: new FakeStates() };
  private readonly store: FakeStore;
  private owner: Partition;
  private position = { done: 0, from: 0 };
  private next = 0;
  private applied = 0;

  constructor(readonly origin: string) {
    this.store = new FakeStore(origin);
    this.owner = this.open();
  }

  /** Appends what a producer does, and stores the row. */
  async post(id: string): Promise<void> {
    const record = commented(this.log.length, id, `${id} by ${this.origin}`);
    this.log.push(record);
    const [entry] = JSON.parse(record.value).entries;
    await this.store.insert(VIDEO, [{ ...entry, offset: record.offset }]);
  }

  delete(id: string): void {
    this.log.push(deleted(this.log.length, id));
  }

  async consume(count: number): Promise<void> {
    const batch = this.log.slice(this.next, this.next + count);
    if (batch.length === 0) return;
    this.next += batch.length;
    const publications = await this.owner.consume(batch);
    for (const publication of publications) this.sent.push(...entriesOf(publication, this.origin));
    this.show(publications.map(({ update }) => update));
  }

  async hear(other: Site): Promise<void> {
    const all = other.sent.slice(this.applied);
    try {
      await this.apply(all, false);
      this.applied += all.length;
    } catch {
      // The owner has not read its own log yet.
    }
  }

  async checkpoint(): Promise<void> {
    const result = await this.owner.checkpoint().catch(() => undefined);
    if (!result) return;
    for (const publication of result.republished) {
      this.sent.push(...entriesOf(publication, this.origin));
    }
    this.position = { ...result.position, from: 0 };
  }

  /** Another owner begins, and reads all updates of the other site again. */
  async takeOver(other: Site): Promise<void> {
    if (this.owner.isCancelPending) return;
    this.owner = this.open();
    this.next = 0;
    await this.apply(other.sent.slice(0, this.applied), true);
  }

  private async apply(all: readonly LogEntry[], isReplay: boolean): Promise<void> {
    const updates = all.map(({ key: channel, value }) =>
      parsePeerUpdate(types, { channel, isReplay, type: type.name }, value),
    );
    const result = await this.owner.applyPeerUpdates(updates);
    this.show(result.updates);
    for (const publication of result.republished) {
      this.sent.push(...entriesOf(publication, this.origin));
    }
  }

  private show(updates: readonly Update[]): void {
    for (const { vector } of updates) {
      this.vector = mergeVectors(policy.merge as never, this.vector, vector);
      const view = policy.view(this.vector as Vector<State['state']>);
      const context = { oldestAt: 0, seen: '', channelId: '42', maxEntries: 50 };
      for (const { data, event } of policy.news(view, this.seen, context)) {
        expect(event).not.toBe('gap');
        if (event === 'comment') this.shown.push((data as { commentId: string }).commentId);
      }
      for (const [origin, { version }] of Object.entries(this.vector)) {
        this.seen.versions.set(origin, version);
      }
    }
  }

  /** The comments of a new viewer. */
  get snapshot(): readonly { readonly commentId: string; readonly text: string }[] {
    const view = policy.view(this.vector as Vector<State['state']>);
    return (policy.snapshot(view) as { readonly comments: Site['snapshot'] }).comments;
  }

  private open(): Partition {
    const { clock, states } = this.parts;
    const { origin, position, store } = this;
    const dedupe = new DedupeWindow(WINDOW_MS);
    const log = {
      append: async (_: string, entries: readonly LogEntry[]) =>
        entries.map(({ key, value }) => {
          const offset = this.log.length;
          this.log.push({ offset, key, value, appendedAt: START + offset });
          return offset;
        }),
    };
    const duplicates = new CrossDatacenterDuplicates({
      ...{ origin, type, log, store, clock, dedupe },
      failed: () => undefined,
    });
    return new Partition(
      { end: this.log.length, ...position },
      {
        ...{ type, store, clock, origin, windowMs: WINDOW_MS, secret: 'secret' },
        fold: new Fold({ origin, type, types, states }),
        duplicates: new DuplicateFilter(position, { clock, dedupe }),
        unreadable: ({ value }) => {
          throw new Error(value);
        },
        peers: new Peers({ duplicates, secret: 'secret', type }),
        deletions: new PendingDeletions({ type, origin, log, store, clock }),
      },
    );
  }
}

const step = fc.record({
  site: fc.nat(1),
  kind: fc.constantFrom('post', 'post', 'delete', 'consume', 'consume', 'hear', 'save', 'takeover'),
  id: fc.nat(IDS.length - 1),
  count: fc.integer({ min: 1, max: 5 }),
});

describe('comments in two datacenters', () => {
  it('are shown once everywhere, and not at all once any datacenter deletes them', async () => {
    const run = fc.array(step, { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(run, async (steps) => {
        const sites = [new Site('dc1.1'), new Site('dc2.1')] as const;
        const [posted, gone] = [new Set<string>(), new Set<string>()];
        for (const { count, id: at, kind, site: index } of steps) {
          const [site, other] = index === 0 ? sites : [sites[1], sites[0]];
          const id = IDS[at] ?? '';
          // The store refuses an id that was deleted.
          if (kind === 'post' && !gone.has(id)) {
            await site.post(id);
            posted.add(id);
          } else if (kind === 'delete' && posted.has(id)) {
            site.delete(id);
            gone.add(id);
          } else if (kind === 'consume') await site.consume(count);
          else if (kind === 'hear') await site.hear(other);
          else if (kind === 'save') await site.checkpoint();
          else if (kind === 'takeover') await site.takeOver(other);
        }
        for (let round = 0; round < 8; round++) {
          for (const [site, other] of [sites, [sites[1], sites[0]]] as const) {
            await site.consume(1_000);
            await site.hear(other);
            await site.checkpoint();
          }
        }
        const expected = [...posted].filter((id) => !gone.has(id)).sort();
        for (const { shown, snapshot, vector } of sites) {
          expect(snapshot.map(({ commentId }) => commentId).sort()).toEqual(expected);
          expect(shown).toEqual([...new Set(shown)]);
          expect(shown).toEqual(expect.arrayContaining(expected));
          for (const { state } of Object.values(vector as Vector<State['state']>)) {
            for (const { body, id } of state.entries) {
              if (gone.has(id)) expect(body).toBeUndefined();
            }
          }
        }
        expect(sites[0].snapshot).toEqual(sites[1].snapshot);
      }),
      { numRuns: 200 },
    );
  });
});
