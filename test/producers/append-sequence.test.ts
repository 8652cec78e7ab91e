import { AppendSequence } from '../../producers/append-sequence';
import { Seeded } from '../simulation/seeded';

function appendSequence(): AppendSequence {
  return new AppendSequence(new Seeded(7).entropy);
}

describe('AppendSequence', () => {
  it('numbers appends without a gap, from 1', () => {
    const sequence = appendSequence();
    expect(sequence.reserve(3)).toMatchObject({ first: 1, count: 3, stored: 0 });
    expect(sequence.reserve(1)).toMatchObject({ first: 4, count: 1, stored: 0 });
    expect(sequence.reserve(1)).toMatchObject({ first: 5 });
  });

  it('returns the number before the first append that is not stored', () => {
    const sequence = appendSequence();
    const [first, second, third] = [sequence.reserve(2), sequence.reserve(3), sequence.reserve(1)];
    sequence.confirm(second);
    expect(sequence.reserve(1).stored).toBe(0);
    sequence.confirm(first);
    expect(sequence.reserve(1).stored).toBe(5);
    sequence.confirm(third);
    expect(sequence.reserve(1).stored).toBe(6);
  });

  it('returns the last number if all appends are stored', () => {
    const sequence = appendSequence();
    sequence.confirm(sequence.reserve(4));
    expect(sequence.reserve(1).stored).toBe(4);
  });

  it('begins again at 1 with a new name', () => {
    const sequence = appendSequence();
    const before = sequence.reserve(2);
    sequence.startNewName();
    const after = sequence.reserve(1);
    expect(after).toMatchObject({ first: 1, stored: 0 });
    expect(after.producer).not.toBe(before.producer);
  });

  it('ignores a range of its old name', () => {
    const sequence = appendSequence();
    const before = sequence.reserve(1);
    sequence.startNewName();
    sequence.reserve(1);
    sequence.confirm(before);
    expect(sequence.reserve(1).stored).toBe(0);
  });
});
