import { EventParser, type StreamEvent } from '../../../tools/load/event-parser';
import { Tally } from '../../../tools/load/tally';
import { UNKNOWN, Viewer } from '../../../tools/load/viewer';

const CHANNEL = 'video:a';

function likes(total: number, news: number): StreamEvent {
  const data = { channel: CHANNEL, total, reactions: { like: total }, new: news, t: 1 };
  return { name: 'likes', data, unreadable: false } as unknown as StreamEvent;
}

/** A viewer that was sent 5 likes, then the cancel of one. */
function afterCancel(mayStepBack: boolean): Tally {
  const tally = new Tally();
  const setting = { endpoints: [], token: undefined, tally, mayStepBack };
  const viewer = new Viewer(0, 'a', undefined, setting);
  const snapshot = { channel: CHANNEL, total: 5, reactions: { like: 5 } };
  viewer.onEvents([{ name: 'snapshot', data: snapshot } as unknown as StreamEvent, likes(4, -1)]);
  return tally;
}

test('a viewer reports a total that steps back', () => {
  const tally = afterCancel(false);
  expect(tally.stepsBack).toBe(1);
  expect(tally.examples).toEqual([expect.stringContaining('stepped back from 5 to 4')]);
});

test('a viewer ignores pings', () => {
  const tally = new Tally();
  const viewer = new Viewer(0, 'a', undefined, { endpoints: [], token: undefined, tally });
  viewer.onEvents([...new EventParser().push('event: ping\ndata: {}\n\n')]);
  expect(viewer.total).toBe(UNKNOWN);
  expect(tally.brokenEvents).toBe(0);
  expect(tally.examples).toEqual([]);
});

test('a viewer counts, and does not report, a step back that a cancel may cause', () => {
  const tally = afterCancel(true);
  expect(tally.stepsBack).toBe(1);
  expect(tally.examples).toEqual([]);
});
