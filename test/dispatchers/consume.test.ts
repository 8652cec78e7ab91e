import { Consumer } from '../../dispatchers/consume';
import type { PartitionOwner, Position, Source } from '../../dispatchers/source';
import { SILENT_MS } from '../../dispatchers/unstored';
import type { Update } from '../../schemas/delivery';
import { deferred, settled } from '../fixtures/deferred';
import { logged, VIDEO } from '../fixtures/records';
import { ground } from './parts';

const NONE: Position = { done: 0, from: 0 };

/** A source that the test feeds by hand; commits are noted with what was saved by then. */
class FakeSource implements Source {
  owner: PartitionOwner | undefined;
  readonly commits: { partition: number; position: Position; savedTotal: number }[] = [];
  refuses = false;
  readonly assigned = new Set<number>();

  constructor(private readonly savedTotal: () => number) {}

  async start(owner: PartitionOwner): Promise<void> {
    this.owner = owner;
  }

  async commit(partition: number, position: Position): Promise<void> {
    if (this.refuses) throw new Error('fenced');
    this.commits.push({ partition, position, savedTotal: this.savedTotal() });
  }

  async verifyEnd(_: number, known: number): Promise<number> {
    return known;
  }

  async stop(): Promise<void> {
    for (const partition of this.assigned) await this.owner?.revoked(partition);
  }

  assign(partition: number, position = NONE): void {
    this.assigned.add(partition);
    this.owner?.assigned(partition, { ...position, end: position.done });
  }
}

async function consuming() {
  const { clock, open, states, store } = ground();
  const source = new FakeSource(() => states.total(VIDEO));
  const dispatched: Update[] = [];
  const failures: string[] = [];
  const consumer = new Consumer({
    ...{ source, clock },
    dispatch: { changed: (updates) => dispatched.push(...updates) },
    open: (_, position) => open(position),
    failed: (doing) => failures.push(doing),
  });
  await consumer.start();
  source.assign(0);
  return { clock, consumer, dispatched, failures, source, states, store };
}

describe('Consumer', () => {
  it('dispatches what records have changed before anything is saved', async () => {
    const { consumer, dispatched, states } = await consuming();
    await consumer.records(0, [logged(0)]);
    expect(dispatched.map(({ channel }) => channel)).toEqual([VIDEO]);
    expect(states.cells.size).toBe(0);
    await consumer.stop();
  });

  it('commits after the save', async () => {
    const { clock, consumer, source } = await consuming();
    await consumer.records(0, [logged(0), logged(1, { stored: 1 })]);
    await clock.advance(SILENT_MS * 2);
    expect(source.commits.length).toBeGreaterThan(0);
    for (const { savedTotal } of source.commits) expect(savedTotal).toBe(2);
    expect(source.commits.at(-1)).toMatchObject({ partition: 0, position: { done: 2 } });
    await consumer.stop();
  });

  it('commits as done nothing that is not in the store, and as counted what is saved', async () => {
    const { clock, consumer, source, store } = await consuming();
    await consumer.records(0, [logged(0)]);
    store.away = true;
    await clock.advance(60_000);
    expect(source.commits).toMatchObject([{ position: { done: 0, counted: 1 } }]);
    store.away = false;
    await clock.advance(5_000);
    expect(source.commits.at(-1)?.position.done).toBe(1);
    expect(store.rows.size).toBe(1);
    await consumer.stop();
  });

  it('tries a settle that failed again, with no further record', async () => {
    const { clock, consumer, failures, source, states } = await consuming();
    await consumer.records(0, [logged(0)]);
    states.away = true;
    await clock.advance(5_000);
    expect(failures).toContain('settle');
    states.away = false;
    await clock.advance(5_000);
    expect(states.total(VIDEO)).toBe(1);
    expect(source.commits.at(-1)?.position.done).toBe(1);
    await consumer.stop();
  });

  it('tries a commit that was refused again', async () => {
    const { clock, consumer, source } = await consuming();
    source.refuses = true;
    await consumer.records(0, [logged(0)]);
    await clock.advance(SILENT_MS * 2);
    source.refuses = false;
    await clock.advance(5_000);
    expect(source.commits.at(-1)?.position.done).toBe(1);
    await consumer.stop();
  });

  it('rests when nothing is left to be settled', async () => {
    const { clock, consumer, source } = await consuming();
    await consumer.records(0, [logged(0)]);
    await clock.advance(20_000);
    const commits = source.commits.length;
    await clock.advance(60_000);
    expect(source.commits).toHaveLength(commits);
    expect(commits).toBeLessThan(5);
    await consumer.stop();
  });
});

describe('what a consumer cannot take, or lets go of', () => {
  it('rejects records that it cannot take, and says so', async () => {
    const { consumer, dispatched, failures, states } = await consuming();
    states.away = true;
    await expect(consumer.records(0, [logged(0)])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    expect(failures).toEqual(['take']);
    expect(dispatched).toEqual([]);
    await consumer.stop();
  });

  it('settles a partition once more when it lets go of it', async () => {
    const { consumer, source, states } = await consuming();
    await consumer.records(0, [logged(0)]);
    await consumer.revoked(0);
    expect(states.total(VIDEO)).toBe(1);
    expect(source.commits).toMatchObject([{ position: { done: 0, counted: 1 } }]);
    await consumer.stop();
  });

  it('dispatches nothing of a partition that it let go of meanwhile', async () => {
    const { consumer, dispatched, states } = await consuming();
    const read = deferred();
    states.loadUntil = read.promise;
    const taking = consumer.records(0, [logged(0)]);
    await settled();
    const revoking = consumer.revoked(0);
    read.resolve();
    await Promise.all([taking, revoking]);
    expect(dispatched).toEqual([]);
    await consumer.stop();
  });

  it('owns a partition that comes back while the last of it is still settled', async () => {
    const { consumer, dispatched, source, states } = await consuming();
    await consumer.records(0, [logged(0)]);
    const saved = deferred();
    states.until = saved.promise;
    const revoking = consumer.revoked(0);
    await settled();
    source.assign(0);
    saved.resolve();
    await revoking;
    dispatched.length = 0;
    await consumer.records(0, [logged(0), logged(1)]);
    expect(dispatched).toHaveLength(1);
    await consumer.stop();
    expect(states.total(VIDEO)).toBe(2);
  });

  it('settles what it has when it stops, and does nothing after', async () => {
    const { clock, consumer, source, states } = await consuming();
    await consumer.records(0, [logged(0)]);
    await consumer.stop();
    expect(states.total(VIDEO)).toBe(1);
    const commits = source.commits.length;
    await clock.advance(60_000);
    expect(source.commits).toHaveLength(commits);
  });
});
