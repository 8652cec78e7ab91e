import { Allowances } from '../../../runtime/limits/allowances';
import { VirtualClock } from '../../simulation/virtual-clock';

function parts(more: { due?: () => void; maxKeys?: number } = {}) {
  const clock = new VirtualClock();
  return { clock, allowances: new Allowances({ perS: 10, burst: 20, clock, ...more }) };
}

/** How many of `count` single uses were granted. */
function granted(allowances: Allowances, key: string, count: number): number {
  return Array.from({ length: count }, () => allowances.take(key)).filter((ms) => ms === 0).length;
}

describe('Allowances', () => {
  it('grants the burst at once, and then the rate', async () => {
    const { allowances, clock } = parts();
    expect(granted(allowances, 'a', 100)).toBe(20);
    for (let second = 0; second < 5; second++) {
      await clock.advance(1_000);
      expect(granted(allowances, 'a', 100)).toBe(10);
    }
  });

  it('says how long to wait, after which the use is granted', async () => {
    const { allowances, clock } = parts();
    allowances.take('a', 20);
    expect(allowances.take('a', 5)).toBe(500);
    await clock.advance(499);
    expect(allowances.take('a', 5)).toBeGreaterThan(0);
    await clock.advance(2);
    expect(allowances.take('a', 5)).toBe(0);
  });

  it('a refused use costs nothing', async () => {
    const { allowances, clock } = parts();
    allowances.take('a', 20);
    for (let at = 0; at < 100; at++) expect(allowances.take('a', 1)).toBeGreaterThan(0);
    await clock.advance(100);
    expect(allowances.take('a', 1)).toBe(0);
  });

  it('keys do not hinder each other', () => {
    const { allowances } = parts();
    granted(allowances, 'a', 100);
    expect(granted(allowances, 'b', 100)).toBe(20);
  });

  it('a use of more than the burst needs a whole allowance, and is paid back', async () => {
    const { allowances, clock } = parts();
    expect(allowances.take('a', 50)).toBe(0);
    await clock.advance(3_000);
    expect(allowances.take('a', 1)).toBeGreaterThan(0);
    await clock.advance(200);
    expect(allowances.take('a', 1)).toBe(0);
    expect(allowances.take('a', 50)).toBe(1_900);
  });

  it('never knows more keys than its limit, and forgets the one that was silent longest', () => {
    const { allowances } = parts({ maxKeys: 10 });
    granted(allowances, 'busy', 100);
    for (let at = 0; at < 1_000; at++) {
      allowances.take(`${at}`);
      expect(allowances.take('busy')).toBeGreaterThan(0);
      expect(allowances.size).toBeLessThanOrEqual(10);
    }
  });
});

describe('the reports of Allowances', () => {
  it('have a use once it is an eighth of the burst, each once', () => {
    let due = 0;
    const { allowances } = parts({ due: () => due++ });
    expect(granted(allowances, 'a', 2)).toBe(2);
    expect(due).toBe(0);
    granted(allowances, 'a', 3);
    expect(due).toBe(1);
    allowances.take('b', 4);
    expect(allowances.takeReports(1)).toEqual([{ key: 'a', used: 5 }]);
    expect(allowances.takeReports(9)).toEqual([{ key: 'b', used: 4 }]);
    expect(allowances.takeReports(9)).toEqual([]);
  });

  it('correct what is granted by what all processes have used, and by later uses', () => {
    const { allowances } = parts({ due: () => undefined });
    granted(allowances, 'a', 4);
    const [report] = allowances.takeReports(9);
    if (!report) throw new Error('no report');
    granted(allowances, 'a', 2);
    allowances.corrected(report, 15);
    expect(granted(allowances, 'a', 100)).toBe(3);
  });

  it('after an outage are bounded', async () => {
    const { allowances, clock } = parts({ due: () => undefined });
    for (let second = 0; second < 60; second++) {
      granted(allowances, 'a', 100);
      for (const report of allowances.takeReports(9)) allowances.lost(report);
      await clock.advance(1_000);
    }
    const [report] = allowances.takeReports(9);
    expect(report?.used).toBeLessThanOrEqual(20);
  });
});
