import { useMemo, useSyncExternalStore } from 'react';
import type { Answer, LikesShown, LikesState, Live, Snapshot, Status, Watched } from '../types';

/** What a component shows of a video. */
export interface Shown {
  /** Undefined until the first state is there. */
  readonly total: number | undefined;
  readonly reactions: Readonly<Record<string, number>>;
  readonly viewers: number | undefined;
  /** Own taps that are not stored yet. */
  readonly pending: number;
  /** What the connection is doing; undefined before there is one. */
  readonly status: Status | undefined;
}

export interface LikestreamOptions {
  /** The answer of `GET …/likes` at the server that rendered the page: its `id` and itself. */
  readonly state?: (Snapshot | LikesState) & { readonly id?: string };
}

const NONE: Answer = { status: 0, isOk: false };

function createStore(live: Live | undefined, channel: string, { state }: LikestreamOptions) {
  let shown: Shown = {
    ...{ total: state?.total, reactions: state?.reactions ?? {}, pending: 0 },
    status: undefined,
    viewers: state && 'viewers' in state ? state.viewers : undefined,
  };
  let watched: Watched | undefined;
  const first = shown;
  const start = { ...(state && { state }), ...(state?.id && { id: state.id }) };
  return {
    subscribe(notify: () => void) {
      const set = (more: Partial<Shown>) => {
        shown = { ...shown, ...more };
        notify();
      };
      const handlers = {
        likes: ({ total, reactions, pending }: LikesShown) => set({ total, reactions, pending }),
        viewers: (viewers: number) => set({ viewers }),
      };
      watched = live?.watch(channel, handlers, start);
      const end = live?.onStatus((status) => set({ status }));
      return () => {
        end?.();
        watched?.close();
      };
    },
    get: () => shown,
    getFirst: () => first,
    like: (reaction?: string) => watched?.like(reaction) ?? Promise.resolve(NONE),
  };
}

/**
 * Watches the likes and the viewers of a video, while the component is mounted.
 * @param live undefined on a server, or until it is connected
 * @param channel for example `video:42`
 * @returns what to show, and `like`, which shows a like at once and sends it
 */
export function useLikestream(
  live: Live | undefined,
  channel: string,
  options: LikestreamOptions = {},
): Shown & { like(reaction?: string): Promise<Answer> } {
  // biome-ignore lint/correctness/useExhaustiveDependencies: callers pass a new object each time
  const store = useMemo(() => createStore(live, channel, options), [live, channel]);
  const shown = useSyncExternalStore(store.subscribe, store.get, store.getFirst);
  return { ...shown, like: store.like };
}
