import type { LogConsumer, LogSource } from '../../../adapters/log-source';
import { PartitionOwner } from '../../../dispatchers/owner/partition-owner';
import { SILENT_MS } from '../../../dispatchers/owner/unstored-records';
import type { Update } from '../../../schemas/delivery';
import { likes } from '../../../schemas/likes';
import type { Position } from '../../../schemas/position';
import { deferred, settled } from '../../fixtures/deferred';
import { logged, VIDEO } from '../../fixtures/records';
import { ground } from '../parts';

const NONE: Position = { done: 0, from: 0 };

/** A source that the test feeds; each commit is recorded with the saved total at that moment. */
class FakeSource implements LogSource {
  owner: LogConsumer | undefined;
  readonly commits: { partition: number; position: Position; savedTotal: number }[] = [];
  refuses = false;
  readonly assigned = new Set<number>();

  constructor(private readonly savedTotal: () => number) {}

  async start(owner: LogConsumer): Promise<void> {
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

async function owning() {
  const { clock, open, states, store } = ground();
  const source = new FakeSource(() => states.total(VIDEO));
  const dispatched: Update[] = [];
  const failures: string[] = [];
  const owner = new PartitionOwner({
    ...{ source, clock, type: likes },
    dispatch: { changed: (updates) => dispatched.push(...updates) },
    open: (_, position) => open(position),
    failed: (doing) => failures.push(doing),
  });
  await owner.start();
  source.assign(0);
  return { clock, owner, dispatched, failures, source, states, store };
}

describe('PartitionOwner', () => {
  it('dispatches updates before it saves states', async () => {
    const { owner, dispatched, states } = await owning();
    await owner.records(0, [logged(0)]);
    expect(dispatched.map(({ channel }) => channel)).toEqual([VIDEO]);
    expect(states.cells.size).toBe(0);
    await owner.stop();
  });

  it('commits after the save', async () => {
    const { clock, owner, source } = await owning();
    await owner.records(0, [logged(0), logged(1, { stored: 1 })]);
    await clock.advance(SILENT_MS * 2);
    expect(source.commits.length).toBeGreaterThan(0);
    for (const { savedTotal } of source.commits) expect(savedTotal).toBe(2);
    expect(source.commits.at(-1)).toMatchObject({ partition: 0, position: { done: 2 } });
    await owner.stop();
  });

  it('commits no position of a record that is not stored', async () => {
    const { clock, owner, source, store } = await owning();
    await owner.records(0, [logged(0)]);
    store.isUnavailable = true;
    await clock.advance(60_000);
    expect(source.commits).toMatchObject([{ position: { done: 0, counted: 1 } }]);
    store.isUnavailable = false;
    await clock.advance(5_000);
    expect(source.commits.at(-1)?.position.done).toBe(1);
    expect(store.rows.size).toBe(1);
    await owner.stop();
  });

  it('repeats a failed checkpoint without a further record', async () => {
    const { clock, owner, failures, source, states } = await owning();
    await owner.records(0, [logged(0)]);
    states.isUnavailable = true;
    await clock.advance(5_000);
    expect(failures).toContain('checkpoint');
    states.isUnavailable = false;
    await clock.advance(5_000);
    expect(states.total(VIDEO)).toBe(1);
    expect(source.commits.at(-1)?.position.done).toBe(1);
    await owner.stop();
  });

  it('repeats a refused commit', async () => {
    const { clock, owner, source } = await owning();
    source.refuses = true;
    await owner.records(0, [logged(0)]);
    await clock.advance(SILENT_MS * 2);
    source.refuses = false;
    await clock.advance(5_000);
    expect(source.commits.at(-1)?.position.done).toBe(1);
    await owner.stop();
  });

  it('makes no checkpoint while nothing has changed', async () => {
    const { clock, owner, source } = await owning();
    await owner.records(0, [logged(0)]);
    await clock.advance(20_000);
    const commits = source.commits.length;
    await clock.advance(60_000);
    expect(source.commits).toHaveLength(commits);
    expect(commits).toBeLessThan(5);
    await owner.stop();
  });
});

describe('a partition without further records', () => {
  it('has nothing that a successor reads again once its ids are old', async () => {
    const { clock, owner, source } = await owning();
    await owner.records(0, [logged(0)]);
    await owner.records(0, [logged(1, { stored: 2 })]);
    await clock.advance(60_000);
    expect(source.commits.at(-1)?.position.from).toBeLessThan(2);
    await clock.advance(2 * 3_600_000);
    expect(source.commits.at(-1)?.position).toMatchObject({ done: 2, from: 2 });
    await owner.stop();
  });
});

describe('a partition that fails or is revoked', () => {
  it('rejects records that cannot be counted, and reports the failure', async () => {
    const { owner, dispatched, failures, states } = await owning();
    states.isUnavailable = true;
    await expect(owner.records(0, [logged(0)])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    expect(failures).toEqual(['consume records']);
    expect(dispatched).toEqual([]);
    await owner.stop();
  });

  it('gets a last checkpoint when it is revoked', async () => {
    const { owner, source, states } = await owning();
    await owner.records(0, [logged(0)]);
    await owner.revoked(0);
    expect(states.total(VIDEO)).toBe(1);
    expect(source.commits).toMatchObject([{ position: { done: 0, counted: 1 } }]);
    await owner.stop();
  });

  it('gets a last checkpoint when the owner stops, and none afterwards', async () => {
    const { clock, owner, source, states } = await owning();
    await owner.records(0, [logged(0)]);
    await owner.stop();
    expect(states.total(VIDEO)).toBe(1);
    const commits = source.commits.length;
    await clock.advance(60_000);
    expect(source.commits).toHaveLength(commits);
  });
});

describe('a partition that is revoked while it is busy', () => {
  it('dispatches no update if it was revoked meanwhile', async () => {
    const { owner, dispatched, states } = await owning();
    const read = deferred();
    states.loadUntil = read.promise;
    const consuming = owner.records(0, [logged(0)]);
    await settled();
    const revoking = owner.revoked(0);
    read.resolve();
    await Promise.all([consuming, revoking]);
    expect(dispatched).toEqual([]);
    await owner.stop();
  });

  it('commits nothing whose updates it has dropped: a successor makes them', async () => {
    const { clock, owner, dispatched, source, states } = await owning();
    await owner.records(0, [logged(0)]);
    const [saved, read] = [deferred(), deferred()];
    states.until = saved.promise;
    await clock.advance(SILENT_MS);
    states.loadUntil = read.promise;
    const consuming = owner.records(0, [logged(1, { stored: 2 }, 'video:other')]);
    await settled();
    const revoking = owner.revoked(0);
    read.resolve();
    await consuming;
    saved.resolve();
    await revoking;
    expect(dispatched.map(({ channel }) => channel)).toEqual([VIDEO]);
    for (const { position } of source.commits) expect(position.counted).toBe(1);
    await owner.stop();
  });

  it('may be assigned again during its last checkpoint', async () => {
    const { owner, dispatched, source, states } = await owning();
    await owner.records(0, [logged(0)]);
    const saved = deferred();
    states.until = saved.promise;
    const revoking = owner.revoked(0);
    await settled();
    source.assign(0);
    saved.resolve();
    await revoking;
    dispatched.length = 0;
    await owner.records(0, [logged(0), logged(1)]);
    expect(dispatched).toHaveLength(1);
    await owner.stop();
    expect(states.total(VIDEO)).toBe(2);
  });
});
