import { z } from 'zod';
import { id } from '../ids';
import type { MomentPolicy } from '../policy';
import { newest } from '../state';

export interface SignalOptions {
  /** The event's name on the stream. */
  readonly event: string;
  /** The field of snapshots that has the members. */
  readonly field: string;
}

/**
 * The policy of moments that only say which members are active. An event is sent when a member
 * becomes active or stops, not when a moment is repeated, and not to the member's own streams.
 */
export function signal({
  event,
  field,
}: SignalOptions): MomentPolicy<object, object, readonly string[]> {
  return {
    shapes: {
      snapshot: z.object({ [field]: z.array(id) }),
      events: { [event]: z.object({ memberId: id, active: z.boolean() }) },
    },
    state: z.object({}),
    empty: {},
    stateOf: () => ({}),
    merge: newest,
    view: (states) => Object.keys(states),
    same: (one, other) => one.length === other.length && one.every((id) => other.includes(id)),
    total: () => 0,
    snapshot: (view) => ({ [field]: view }),
    news(view, { versions }) {
      const shown = new Set(view);
      const begun = view.filter((memberId) => !versions.has(memberId));
      const ended = [...versions.keys()].filter((memberId) => !shown.has(memberId));
      const newsOf = (memberId: string, active: boolean) => ({
        event,
        data: { memberId, active },
        exceptMember: memberId,
      });
      return [
        ...begun.map((memberId) => newsOf(memberId, true)),
        ...ended.map((memberId) => newsOf(memberId, false)),
      ];
    },
    count: (view, { versions }) => view.filter((memberId) => !versions.has(memberId)).length,
  };
}
