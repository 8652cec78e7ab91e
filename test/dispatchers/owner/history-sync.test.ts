import type { HistoryRow } from '../../../adapters/history';
import { HistorySync } from '../../../dispatchers/owner/history-sync';
import { deferred, settled } from '../../fixtures/deferred';
import { ORIGIN } from '../parts';
import { rowAt } from './comment-parts';

function syncing() {
  const writes: [channel: string, offsets: number[]][] = [];
  const state = { until: Promise.resolve(), failing: new Set<string>() };
  const history = {
    write: async (channel: string, origin: string, rows: readonly HistoryRow[]) => {
      expect(origin).toBe(ORIGIN);
      await state.until;
      if (state.failing.has(channel)) throw new Error('unavailable');
      writes.push([channel, rows.map(({ offset }) => offset)]);
    },
    oldest: async () => [],
    newest: async () => [],
  };
  return { state, sync: new HistorySync({ history, origin: ORIGIN }), writes };
}

describe('the rows of a history that wait', () => {
  it('are written by channel, in order, once', async () => {
    const { sync, writes } = syncing();
    for (const [channel, offset] of [
      ['video:1', 0],
      ['video:2', 1],
      ['video:1', 2],
    ] as const)
      sync.add(channel, rowAt(offset));
    expect(sync.hasWork).toBe(true);
    await sync.flush();
    await sync.flush();
    expect(writes).toEqual([
      ['video:1', [0, 2]],
      ['video:2', [1]],
    ]);
    expect(sync.hasWork).toBe(false);
  });

  it('are kept if they cannot be written', async () => {
    const { state, sync, writes } = syncing();
    sync.add('video:1', rowAt(0));
    sync.add('video:2', rowAt(1));
    state.failing.add('video:1');
    await expect(sync.flush()).rejects.toThrow('unavailable');
    state.failing.clear();
    await sync.flush();
    expect(writes).toEqual([
      ['video:2', [1]],
      ['video:1', [0]],
    ]);
  });

  it('are those from before the call, although others are added meanwhile', async () => {
    const { state, sync, writes } = syncing();
    const written = deferred();
    state.until = written.promise;
    sync.add('video:1', rowAt(0));
    const flushing = sync.flush();
    await settled();
    sync.add('video:1', rowAt(1));
    written.resolve();
    await flushing;
    expect(writes).toEqual([['video:1', [0]]]);
    expect(sync.hasWork).toBe(true);
  });

  // Simulated seed 2000151: an earlier checkpoint had failed while its write went on.
  it('are all written although two calls write the same ones at once', async () => {
    const { state, sync, writes } = syncing();
    const written = deferred();
    state.until = written.promise;
    sync.add('video:1', rowAt(0));
    const flushing = [sync.flush(), sync.flush()];
    sync.add('video:1', rowAt(1));
    written.resolve();
    await Promise.all(flushing);
    await sync.flush();
    expect(writes).toEqual([
      ['video:1', [0]],
      ['video:1', [0]],
      ['video:1', [1]],
    ]);
  });

  it('are written in parts of bounded size', async () => {
    const { sync, writes } = syncing();
    for (let at = 0; at < 1_200; at++) sync.add('video:1', rowAt(at));
    await sync.flush();
    expect(writes.map(([, offsets]) => offsets.length)).toEqual([500, 500, 200]);
    expect(writes.flatMap(([, offsets]) => offsets)).toEqual(
      Array.from({ length: 1_200 }, (_, at) => at),
    );
  });
});
