import { Channel } from '../../../frontends/channels/channel';
import type { ChannelView } from '../../../frontends/channels/channel-view';
import { Pacing } from '../../../frontends/channels/pacing';
import { EventTypes } from '../../../schemas/event-types';
import { VirtualClock } from '../../simulation/virtual-clock';
import { gauges, homes } from '../live-policies';
import { VIDEO } from '../parts';

const TYPES = new EventTypes([gauges, homes]);

/** A view whose viewers were sent 1, and then 2. */
function paced() {
  const clock = new VirtualClock();
  const changed: ChannelView[] = [];
  const pacing = new Pacing(TYPES, clock, (view) => changed.push(view));
  const channel = new Channel(VIDEO, TYPES, (view, type) => pacing.beginQuiet(view, type));
  const view = channel.viewOf(TYPES.of(VIDEO), 0);
  const become = (watching: number) => {
    const gauge = { 'dc1.0': { version: watching, state: { watching } } };
    return channel.apply({ gauges: gauge }, watching, 'complete').length > 0;
  };
  for (const watching of [1, 2]) {
    become(watching);
    view.prepareNext();
  }
  return { become, changed, clock, pacing, view };
}

describe('the quiet time of a leased type', () => {
  it('ends with one flush of what came in it, with the time of the oldest', async () => {
    const { become, changed, clock, view } = paced();
    expect([become(3), become(4)]).toEqual([false, false]);
    await clock.advance(gauges.newsEveryMs - 1);
    expect(changed).toEqual([]);
    await clock.advance(1);
    expect(changed).toEqual([view]);
    const [feed] = view.prepareNext().feeds;
    expect([feed?.view, feed?.oldestAt]).toEqual([4, 3]);
  });

  it('ends without a flush if nothing came, and news are sent at once then', async () => {
    const { become, changed, clock } = paced();
    await clock.advance(gauges.newsEveryMs);
    expect([changed, become(3)]).toEqual([[], true]);
  });

  it('is none for a type that may be sent at any time', () => {
    const { pacing, view } = paced();
    expect(pacing.beginQuiet(view, homes)).toBe(false);
  });

  it('does not end after the frontend was closed', async () => {
    const { become, changed, clock, pacing } = paced();
    become(3);
    pacing.close();
    await clock.advance(2 * gauges.newsEveryMs);
    expect(changed).toEqual([]);
  });
});
