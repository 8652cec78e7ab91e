import { DeadlineQueue, MAX_ITEMS_A_TURN } from '../../../frontends/channels/deadline-queue';
import { VirtualClock } from '../../simulation/virtual-clock';

const MS = 1_000;

function queue() {
  const clock = new VirtualClock();
  const turns: (readonly string[])[] = [];
  const made = new DeadlineQueue<string>(clock, MS, (items) => turns.push(items));
  return { clock, queue: made, turns };
}

describe('a deadline queue', () => {
  it('ends each item a fixed time after it was added', async () => {
    const { clock, queue: items, turns } = queue();
    items.add('a');
    await clock.advance(400);
    items.add('b');
    await clock.advance(599);
    expect(turns).toEqual([]);
    await clock.advance(1);
    expect([turns, items.size]).toEqual([[['a']], 1]);
    await clock.advance(400);
    expect([turns, items.size]).toEqual([[['a'], ['b']], 0]);
  });

  it('starts the time of an item anew if it is added again', async () => {
    const { clock, queue: items, turns } = queue();
    items.add('a');
    await clock.advance(999);
    items.add('a');
    await clock.advance(999);
    expect(turns).toEqual([]);
    await clock.advance(1);
    expect(turns).toEqual([['a']]);
  });

  it('ends many items in turns of the event loop', async () => {
    const { clock, queue: items, turns } = queue();
    for (let at = 0; at < MAX_ITEMS_A_TURN + 1; at++) items.add(`${at}`);
    await clock.advance(MS);
    expect(turns.map(({ length }) => length)).toEqual([MAX_ITEMS_A_TURN, 1]);
  });

  it('takes and ends nothing after it was closed', async () => {
    const { clock, queue: items, turns } = queue();
    items.add('a');
    items.close();
    items.add('b');
    await clock.advance(2 * MS);
    expect([turns, items.size]).toEqual([[], 0]);
  });
});
