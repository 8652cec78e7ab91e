import { EndQueue, SLICE_MS } from '../../../frontends/viewers/end-queue';
import { VirtualClock } from '../../simulation/virtual-clock';

function queue() {
  const clock = new VirtualClock();
  const slices: string[][] = [];
  const after = clock.after.bind(clock);
  clock.after = (ms, task) =>
    after(ms, () => {
      slices.push([]);
      task();
    });
  const ends = new EndQueue<string>(clock, (name, reason) => {
    slices.at(-1)?.push(`${name} ${reason}`);
  });
  return { clock, ends, slices };
}

describe('streams that end at once', () => {
  it('end in slices, each once, in their order', async () => {
    const { clock, ends, slices } = queue();
    const names = Array.from({ length: 100 }, (_, at) => String(at));
    for (const name of names) ends.add(name, 'banned');
    for (const name of names) ends.add(name, 'later');
    expect(slices).toEqual([]);
    await clock.advance(1);
    expect(slices.flat()).toEqual(names.map((name) => `${name} banned`));
    // The virtual clock uses half a millisecond a reading.
    for (const slice of slices) expect(slice.length).toBeLessThanOrEqual(SLICE_MS * 2);
  });

  it('do not end if they are kept, or if the queue is closed', async () => {
    const { clock, ends, slices } = queue();
    ends.add('ann', 'x');
    ends.add('bob', 'x');
    ends.delete('ann');
    await clock.advance(1);
    expect(slices.flat()).toEqual(['bob x']);
    ends.add('zoe', 'x');
    ends.close();
    await clock.advance(1);
    expect(slices.flat()).toEqual(['bob x']);
  });
});
