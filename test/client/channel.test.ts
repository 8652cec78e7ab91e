import { type Channel, createChannel } from '../../client/channel';
import type { ChannelEvent } from '../../client/events';

const CHANNEL = 'video:42';

function comment(at: number): ChannelEvent {
  const data = { commentId: `c-${at}`, text: 'hi', memberId: 'ann', at, place: `dc1.1@${at}` };
  return { name: 'comment', data: { channel: CHANNEL, ...data } };
}

const snapshot: ChannelEvent = {
  name: 'snapshot',
  data: { channel: CHANNEL, comments: [], seen: { comments: 'dc1.1@0' } },
};

function gap(history: string): ChannelEvent {
  return { name: 'gap', data: { channel: CHANNEL, history } };
}

let channel: Channel;
let seen: string[];
/** Watches with handlers that note what they are called with. */
function watch(): void {
  const handlers = {
    snapshot: () => seen.push('snapshot'),
    comment: ({ commentId }: { readonly commentId: string }) => seen.push(commentId),
    gap: ({ history }: { readonly history: string }) => seen.push(history),
  };
  channel.handlers.add(handlers);
  channel.replay(handlers);
}

beforeEach(() => {
  channel = createChannel(CHANNEL, async () => ({ isOk: false, status: 0 }), jest.fn());
  seen = [];
});

describe('a channel', () => {
  it('shows a comment again after a snapshot that does not have it', () => {
    watch();
    // As of a leading tab, whose state comes after an event that is newer.
    for (const event of [comment(4), snapshot, comment(3), comment(4)]) channel.apply(event);
    expect(seen).toEqual(['c-4', 'snapshot', 'c-3', 'c-4']);
  });

  it('keeps each gap for handlers that come later', () => {
    for (const event of [snapshot, gap('/one'), comment(5), gap('/two')]) channel.apply(event);
    watch();
    expect(seen).toEqual(['snapshot', '/one', 'c-5', '/two']);
  });
});
