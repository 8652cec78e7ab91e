import { MAX_FRAME_BYTES, partsOf } from '../../../frontends/channels/parts';
import type { SeenState } from '../../../frontends/channels/sent-state';
import type { Seen } from '../../../schemas/event-type';

const seen: Seen = { total: 0, versions: new Map([['dc1.1', 1]]) };

describe('the frames of an update', () => {
  const block = (bytes: number, name: string) => ({
    lines: `event: entry\ndata: "${'ä'.repeat(bytes / 2)}"\n`,
    seen: { place: new Map([[name, seen]]) },
    type: 'entries',
    entries: 1,
  });
  const idOf = ({ place }: SeenState) => [...place.keys()].join();

  it('have as many blocks as fit, each with its own id', () => {
    const blocks = ['a', 'b', 'c', 'd', 'e'].map((name) => block(12_000, name));
    const parts = partsOf(blocks, idOf);
    expect(parts.map((part) => part.blocks.length)).toEqual([2, 2, 1]);
    expect(parts.map(({ seen: reached }) => idOf(reached))).toEqual(['b', 'd', 'e']);
    for (const { frame } of parts) {
      expect(frame.plain.length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    }
    const text = parts.map(({ frame }) => frame.plain.toString()).join('');
    expect(text.match(/id: ./g)).toEqual(['id: a', 'id: b', 'id: c', 'id: d', 'id: e']);
  });

  it('have one block if it alone is too large, and are none without blocks', () => {
    const blocks = [block(10, 'a'), block(2 * MAX_FRAME_BYTES, 'b'), block(10, 'c')];
    expect(partsOf(blocks, idOf).map((part) => part.blocks.length)).toEqual([1, 1, 1]);
    expect(partsOf([], idOf)).toEqual([]);
  });
});
