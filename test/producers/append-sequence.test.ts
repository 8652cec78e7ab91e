import { Ledger } from '../../producers/append-sequence';
import { Seeded } from '../simulation/seeded';

function ledger(): Ledger {
  return new Ledger(new Seeded(7).entropy);
}

describe('Ledger', () => {
  it('numbers appends without a gap, from 1', () => {
    const of = ledger();
    expect(of.issue(3)).toMatchObject({ first: 1, count: 3, stored: 0 });
    expect(of.issue(1)).toMatchObject({ first: 4, count: 1, stored: 0 });
    expect(of.issue(1)).toMatchObject({ first: 5 });
  });

  it('says up to where all are stored, not further than the first that is not', () => {
    const of = ledger();
    const [first, second, third] = [of.issue(2), of.issue(3), of.issue(1)];
    of.settle(second);
    expect(of.issue(1).stored).toBe(0);
    of.settle(first);
    expect(of.issue(1).stored).toBe(5);
    of.settle(third);
    expect(of.issue(1).stored).toBe(6);
  });

  it('says all when nothing is open', () => {
    const of = ledger();
    of.settle(of.issue(4));
    expect(of.issue(1).stored).toBe(4);
  });

  it('begins anew under another name when it is renounced', () => {
    const of = ledger();
    const before = of.issue(2);
    of.renounce();
    const after = of.issue(1);
    expect(after).toMatchObject({ first: 1, stored: 0 });
    expect(after.producer).not.toBe(before.producer);
  });

  it('does not take a ticket of its old name for one of the new', () => {
    const of = ledger();
    const before = of.issue(1);
    of.renounce();
    of.issue(1);
    of.settle(before);
    expect(of.issue(1).stored).toBe(0);
  });
});
