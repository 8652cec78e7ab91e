import { HeldReports, REPEAT_HELD_MS } from '../../frontends/held-reports';
import type { Feed } from '../../frontends/report-batch';
import { VirtualClock } from '../simulation/virtual-clock';
import { watching } from './fake-dispatcher';

const ONE = { channel: 'video:1', type: 'viewers' };

describe('reports whose states are held back', () => {
  it('are repeated once, later', async () => {
    const clock = new VirtualClock();
    const repeated: (readonly Feed[])[] = [];
    const held = new HeldReports(clock, (feeds) => repeated.push(feeds));
    held.add([ONE]);
    held.add([ONE, { ...ONE, channel: 'video:2' }]);
    await clock.advance(REPEAT_HELD_MS - 1);
    expect(repeated).toEqual([]);
    await clock.advance(REPEAT_HELD_MS);
    expect(repeated).toEqual([[ONE, { ...ONE, channel: 'video:2' }]]);
  });

  it('are not repeated after the end', async () => {
    const clock = new VirtualClock();
    const repeated: (readonly Feed[])[] = [];
    const held = new HeldReports(clock, (feeds) => repeated.push(feeds));
    held.add([ONE]);
    held.close();
    await clock.advance(2 * REPEAT_HELD_MS);
    expect(repeated).toEqual([]);
  });

  it('are repeated by a worker until an answer does not say so', async () => {
    const { clock, dispatcher, memberships } = await watching();
    const reported = () => dispatcher.changes.flatMap(({ reports }) => reports).length;
    dispatcher.isHeld = true;
    memberships.report(ONE.channel, ONE.type);
    await clock.advance(REPEAT_HELD_MS / 2);
    expect(reported()).toBe(1);
    await clock.advance(REPEAT_HELD_MS);
    expect(reported()).toBe(2);
    dispatcher.isHeld = false;
    await clock.advance(3 * REPEAT_HELD_MS);
    expect(reported()).toBe(3);
    memberships.close();
  });
});
