import { AppendSequence } from '../../producers/append-sequence';
import { Seeded } from '../simulation/seeded';

function ledger(): AppendSequence {
  return new AppendSequence(new Seeded(7).entropy);
}

describe('Ledger', () => {
  it('numbers appends without a gap, from 1', () => {
    const of = ledger();
    expect(of.reserve(3)).toMatchObject({ first: 1, count: 3, stored: 0 });
    expect(of.reserve(1)).toMatchObject({ first: 4, count: 1, stored: 0 });
    expect(of.reserve(1)).toMatchObject({ first: 5 });
  });

  it('says up to where all are stored, not further than the first that is not', () => {
    const of = ledger();
    const [first, second, third] = [of.reserve(2), of.reserve(3), of.reserve(1)];
    of.confirm(second);
    expect(of.reserve(1).stored).toBe(0);
    of.confirm(first);
    expect(of.reserve(1).stored).toBe(5);
    of.confirm(third);
    expect(of.reserve(1).stored).toBe(6);
  });

  it('says all when nothing is open', () => {
    const of = ledger();
    of.confirm(of.reserve(4));
    expect(of.reserve(1).stored).toBe(4);
  });

  it('begins anew under another name when it is renounced', () => {
    const of = ledger();
    const before = of.reserve(2);
    of.startNewName();
    const after = of.reserve(1);
    expect(after).toMatchObject({ first: 1, stored: 0 });
    expect(after.producer).not.toBe(before.producer);
  });

  it('does not take a ticket of its old name for one of the new', () => {
    const of = ledger();
    const before = of.reserve(1);
    of.startNewName();
    of.reserve(1);
    of.confirm(before);
    expect(of.reserve(1).stored).toBe(0);
  });
});
