import { HeldChannels, MAX_BYTES } from '../../../dispatchers/owner/held-channels';
import { LoadedChannel } from '../../../dispatchers/owner/loaded-channel';
import { ORIGIN } from '../parts';

const MIB = 1024 * 1024;

/** Channels whose states are their sizes in bytes. */
const held = () => new HeldChannels({ bytes: (state) => Number(state) });

function channel(name: string, bytes: number): LoadedChannel {
  return new LoadedChannel(name, ORIGIN, { [ORIGIN]: { version: 0, state: bytes } });
}

const namesIn = (all: HeldChannels) => [...all.values()].map(({ channel: name }) => name);

describe('channels in memory', () => {
  it('are evicted by their bytes, the one that did not change for longest first', () => {
    const all = held();
    const [a, b, c] = [channel('a', 7 * MIB), channel('b', 7 * MIB), channel('c', 7 * MIB)];
    for (const each of [a, b, c]) all.add(each);
    all.noteChange(a);
    all.evict();
    expect(namesIn(all)).toEqual(['c', 'a']);
    all.evict();
    expect(namesIn(all)).toEqual(['c', 'a']);
  });

  it('are kept while they are not saved', () => {
    const all = held();
    const [a, b] = [channel('a', MAX_BYTES), channel('b', MAX_BYTES)];
    a.isUnsaved = true;
    for (const each of [a, b]) all.add(each);
    all.evict();
    expect(namesIn(all)).toEqual(['a']);
  });

  it('count their new sizes after a change', () => {
    const all = held();
    const [a, b] = [channel('a', MIB), channel('b', MIB)];
    for (const each of [a, b]) all.add(each);
    b.own = { version: 1, state: MAX_BYTES };
    all.noteChange(b);
    all.evict();
    expect(namesIn(all)).toEqual(['b']);
  });

  it('keep their order if the policy does not know their sizes', () => {
    const all = new HeldChannels({});
    const [a, b] = [channel('a', MAX_BYTES), channel('b', MAX_BYTES)];
    for (const each of [a, b]) all.add(each);
    all.noteChange(a);
    all.evict();
    expect(namesIn(all)).toEqual(['a', 'b']);
  });
});
