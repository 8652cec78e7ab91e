import type { Clock } from '../../runtime/clock';
import type { EventType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import type { ChannelView } from './channel-view';
import { DeadlineQueue } from './deadline-queue';

/**
 * Ends the quiet times of views: after news of a leased type, a view sends none of this type for
 * its `newsEveryMs`. A view is in the queue of a type at most once.
 */
export class Pacing {
  private readonly queues = new Map<EventType, DeadlineQueue<ChannelView>>();

  constructor(
    types: EventTypes,
    clock: Clock,
    /** Called with a view that must be flushed, because its state has changed. */
    changed: (view: ChannelView) => void,
  ) {
    for (const type of types.leased) {
      if (type.newsEveryMs === 0) continue;
      const end = (views: readonly ChannelView[]): void => {
        for (const view of views) if (view.endQuiet(type)) changed(view);
      };
      this.queues.set(type, new DeadlineQueue(clock, type.newsEveryMs, end));
    }
  }

  /** Begins the quiet time of a type in a view; returns false if the type has none. */
  beginQuiet(view: ChannelView, type: EventType): boolean {
    const queue = this.queues.get(type);
    queue?.add(view);
    return queue !== undefined;
  }

  /** Ends all timers. */
  close(): void {
    for (const queue of this.queues.values()) queue.close();
  }
}
