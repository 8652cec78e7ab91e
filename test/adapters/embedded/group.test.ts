import { EmbeddedGroup, SESSION_MS } from '../../../adapters/embedded/group';
import { VirtualClock } from '../../simulation/virtual-clock';

const PARTITIONS = 8;

describe('EmbeddedGroup', () => {
  it('assigns all partitions to the only member', () => {
    const group = new EmbeddedGroup(new VirtualClock(), PARTITIONS);
    expect(group.beat('ann')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('assigns each partition to one live member, evenly', () => {
    const group = new EmbeddedGroup(new VirtualClock(), PARTITIONS);
    for (const member of ['ann', 'bob', 'cleo']) group.beat(member);
    const owned = ['ann', 'bob', 'cleo'].map((member) => group.beat(member));
    expect(owned.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const partitions of owned) expect(partitions.length).toBeGreaterThanOrEqual(2);
  });

  it('assigns the partitions of a leaving member to the others', () => {
    const group = new EmbeddedGroup(new VirtualClock(), PARTITIONS);
    group.beat('ann');
    group.beat('bob');
    group.leave('bob');
    expect(group.beat('ann')).toHaveLength(PARTITIONS);
    expect(group.owns('bob', 0) || group.owns('bob', 1)).toBe(false);
  });

  it('fences a member without beats until its next beat', async () => {
    const clock = new VirtualClock();
    const group = new EmbeddedGroup(clock, PARTITIONS);
    const before = group.beat('ann');
    await clock.advance(SESSION_MS);
    for (const partition of before) expect(group.owns('ann', partition)).toBe(false);
    expect(group.beat('bob')).toHaveLength(PARTITIONS);
    expect(group.beat('ann').length).toBeLessThan(PARTITIONS);
  });

  it('keeps a member whose beats come in time', async () => {
    const clock = new VirtualClock();
    const group = new EmbeddedGroup(clock, PARTITIONS);
    for (let beats = 0; beats < 10; beats++) {
      expect(group.beat('ann')).toHaveLength(PARTITIONS);
      await clock.advance(SESSION_MS - 1);
    }
    expect(group.owns('ann', 0)).toBe(true);
  });
});
