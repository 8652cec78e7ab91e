import {
  MAX_APPEND_BYTES,
  MAX_APPEND_ENTRIES,
  MAX_WAITING_BYTES,
  MAX_WAITING_ENTRIES,
  MAX_WAITING_MS,
  type QueuedWrite,
  WriteQueue,
} from '../../producers/write-queue';
import { type Deferred, deferred, settled } from '../fixtures/deferred';
import { VirtualClock } from '../simulation/virtual-clock';

/** A queue whose appends end when the test says so. */
function open() {
  const clock = new VirtualClock();
  const appends: { channel: string; writes: readonly QueuedWrite[]; end: Deferred<void> }[] = [];
  const queue = new WriteQueue<QueuedWrite>(clock, (channel, writes) => {
    const end = deferred();
    appends.push({ channel, writes, end });
    return end.promise;
  });
  const rejected: QueuedWrite[] = [];
  const add = (channel: string, count = 1, bytes = 100): QueuedWrite => {
    const queuedAtMs = clock.monotonic();
    const write = { count, bytes, queuedAtMs, reject: () => void rejected.push(write) };
    queue.add(channel, write);
    return write;
  };
  const end = async (index: number): Promise<void> => {
    appends[index]?.end.resolve();
    await settled();
  };
  return { add, appends, clock, end, rejected };
}

describe('WriteQueue', () => {
  it('appends a write at once if no append of its channel is in flight', () => {
    const { add, appends } = open();
    const [one, other] = [add('a'), add('b')];
    expect(appends).toMatchObject([
      { channel: 'a', writes: [one] },
      { channel: 'b', writes: [other] },
    ]);
  });

  it('joins the writes that arrive during an append, in order', async () => {
    const { add, appends, end } = open();
    add('a');
    const later = [add('a'), add('a'), add('a')];
    expect(appends).toHaveLength(1);
    await end(0);
    expect(appends[1]).toMatchObject({ channel: 'a', writes: later });
    await end(1);
    add('a');
    expect(appends).toHaveLength(3);
  });

  it.each([
    ['entries', MAX_APPEND_ENTRIES / 2, 1],
    ['bytes', 1, MAX_APPEND_BYTES / 2],
  ])('limits the %s of one append of several writes', async (_, count, bytes) => {
    const { add, appends, end } = open();
    add('a');
    for (let writes = 0; writes < 3; writes++) add('a', count, bytes);
    await end(0);
    await end(1);
    expect(appends.map(({ writes }) => writes.length)).toEqual([1, 2, 1]);
  });

  it('appends a write that alone is over the limits', async () => {
    const { add, appends, end } = open();
    add('a');
    const large = add('a', MAX_APPEND_ENTRIES + 1, MAX_APPEND_BYTES + 1);
    await end(0);
    expect(appends[1]?.writes).toEqual([large]);
  });
});

describe('waiting writes of a WriteQueue', () => {
  it.each([
    ['entries', MAX_WAITING_ENTRIES / 2, 1],
    ['bytes', 1, MAX_WAITING_BYTES / 2],
  ])('are refused if too many %s wait, until an append takes some', async (_, count, bytes) => {
    const { add, appends, end } = open();
    for (const channel of ['a', 'b']) add(channel);
    for (const channel of ['a', 'b']) add(channel, count, bytes);
    expect(() => add('b')).toThrow(expect.objectContaining({ code: 'log_refused' }));
    expect(() => add('new')).not.toThrow();
    await end(0);
    expect(appends).toHaveLength(4);
    expect(() => add('b')).not.toThrow();
  });

  it('are refused if they have waited too long, and no others', async () => {
    const { add, appends, clock, end, rejected } = open();
    add('a');
    const late = add('a');
    await clock.advance(MAX_WAITING_MS / 2);
    const next = add('a');
    await clock.advance(MAX_WAITING_MS / 2);
    expect(rejected).toEqual([late]);
    await end(0);
    expect(appends[1]?.writes).toEqual([next]);
    await clock.advance(2 * MAX_WAITING_MS);
    expect(rejected).toEqual([late]);
  });

  it('are not counted any more once they are refused', async () => {
    const { add, clock } = open();
    add('a');
    add('a', MAX_WAITING_ENTRIES);
    await clock.advance(MAX_WAITING_MS);
    expect(() => add('a', MAX_WAITING_ENTRIES)).not.toThrow();
  });

  it('need a timer, which ends with them', async () => {
    const { add, clock, end } = open();
    const after = jest.spyOn(clock, 'after');
    add('a');
    expect(after).not.toHaveBeenCalled();
    add('a');
    expect(after).toHaveBeenCalledTimes(1);
    await end(0);
    await clock.advance(MAX_WAITING_MS);
    expect(after).toHaveBeenCalledTimes(1);
  });
});
