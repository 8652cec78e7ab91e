import { createElement, StrictMode } from 'react';
import { act, create, type ReactTestRenderer } from 'react-test-renderer';
import { useLikestream } from '../../../client/react';
import type { Handlers, LikesShown, Live, Status } from '../../../client/types';

/** A connection that counts its watchers. */
class FakeLive implements Live {
  readonly watching = new Map<Handlers, string>();
  readonly liked: (string | undefined)[] = [];
  readonly starts: object[] = [];

  watch(channel: string, handlers: Handlers, start = {}) {
    this.watching.set(handlers, channel);
    this.starts.push(start);
    return {
      like: async (reaction?: string) => {
        this.liked.push(reaction);
        return { status: 201, isOk: true };
      },
      close: () => {
        this.watching.delete(handlers);
      },
    };
  }

  likes(total: number): void {
    const counts = { total, reactions: { like: total } };
    const shown: LikesShown = { ...counts, others: {}, pending: 1, seen: '' };
    act(() => {
      for (const handlers of this.watching.keys()) handlers.likes?.(shown);
    });
  }

  viewers(count: number): void {
    act(() => {
      for (const handlers of this.watching.keys()) handlers.viewers?.(count);
    });
  }

  private readonly listeners = new Set<(status: Status) => void>();

  onStatus(listener: (status: Status) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get listening(): number {
    return this.listeners.size;
  }

  status(state: Status['state']): void {
    act(() => {
      for (const listener of this.listeners) listener({ state });
    });
  }

  send = () => Promise.resolve({ status: 0, isOk: false });
  id = () => 'id';
  memberId = () => Promise.resolve(undefined);
  cut(): void {}
  close(): void {}
}

interface Props {
  readonly live: Live | undefined;
  readonly channel: string;
  readonly state?: { id: string; total: number; reactions: Record<string, number>; seen: string };
}

let latest: ReturnType<typeof useLikestream>;
let renders = 0;

function Likes({ channel, live, state }: Props) {
  latest = useLikestream(live, channel, state && { state });
  renders += 1;
  return `${latest.total} by ${latest.viewers}`;
}

const element = (props: Props) => createElement(StrictMode, null, createElement(Likes, props));

let root: ReactTestRenderer;
function mount(props: Props): void {
  act(() => {
    root = create(element(props));
  });
}

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  // The renderer says that it is deprecated; there is no other one without a browser.
  jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  act(() => root.unmount());
  jest.restoreAllMocks();
});

describe('the hook', () => {
  it('shows the total and the viewers as they change', () => {
    const live = new FakeLive();
    mount({ live, channel: 'video:42' });
    expect(root.toJSON()).toBe('undefined by undefined');
    live.likes(7);
    live.viewers(3);
    expect(root.toJSON()).toBe('7 by 3');
    expect(latest).toMatchObject({ reactions: { like: 7 }, pending: 1 });
  });

  it('shows what the connection is doing', () => {
    const live = new FakeLive();
    mount({ live, channel: 'video:42' });
    expect(latest.status).toBeUndefined();
    live.status('connected');
    expect(latest.status).toEqual({ state: 'connected' });
  });

  it('watches once in StrictMode, and not after the component is gone', () => {
    const live = new FakeLive();
    mount({ live, channel: 'video:42' });
    expect([...live.watching.values()]).toEqual(['video:42']);
    act(() => root.unmount());
    expect([live.watching.size, live.listening]).toEqual([0, 0]);
  });

  it('watches another channel instead', () => {
    const live = new FakeLive();
    mount({ live, channel: 'video:42' });
    live.likes(7);
    act(() => root.update(element({ live, channel: 'video:43' })));
    expect([...live.watching.values()]).toEqual(['video:43']);
    expect(latest.total).toBeUndefined();
  });

  it('does not watch again, and renders nothing, without a change', () => {
    const live = new FakeLive();
    mount({ live, channel: 'video:42' });
    const { like } = latest;
    const [starts, before] = [live.starts.length, renders];
    live.likes(7);
    expect(renders - before).toBeLessThanOrEqual(2);
    act(() => root.update(element({ live, channel: 'video:42' })));
    expect(live.starts).toHaveLength(starts);
    expect(latest.like).toBe(like);
  });

  it('likes', async () => {
    const live = new FakeLive();
    mount({ live, channel: 'video:42' });
    expect(await latest.like('love')).toMatchObject({ status: 201 });
    await latest.like();
    expect(live.liked).toEqual(['love', undefined]);
  });

  it('starts from the state of the server that rendered the page', () => {
    const state = { id: 'x', total: 5, reactions: { like: 5 }, seen: 'dc1.1@5' };
    const live = new FakeLive();
    mount({ live, channel: 'video:42', state });
    expect(latest.total).toBe(5);
    expect(live.starts[0]).toEqual({ id: 'x', state });
  });

  it('has nothing to show before there is a connection', async () => {
    mount({ live: undefined, channel: 'video:42' });
    expect(latest.total).toBeUndefined();
    expect(await latest.like()).toMatchObject({ isOk: false });
  });
});
