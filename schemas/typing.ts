import { z } from 'zod';
import { type MomentType, momentType } from './event-type';
import { signal } from './policies/signal';

/** The members who are typing in a conversation. */
export const typing: MomentType<object, object, readonly string[]> = momentType({
  name: 'typing',
  channelKind: 'conversation',
  source: 'moments',
  body: z.strictObject({}),
  showMs: 5_000,
  passEveryMs: 1_000,
  policy: signal({ event: 'typing', field: 'typing' }),
});
