import { type LeasedType, leasedType } from './event-type';
import { type Attendance, type Presence, presence as policyOf } from './policies/presence';

/** A member who has no stream may come back in this time and stays online. */
const GRACE_MS = 30_000;

/** Whether a member has open streams, whatever they watch. */
export const presence: LeasedType<Attendance, Presence, Presence> = leasedType({
  name: 'presence',
  channelKind: 'member',
  source: 'streams',
  of: 'member',
  reportEveryMs: 1_000,
  newsEveryMs: 0,
  graceMs: GRACE_MS,
  saveEveryMs: 0,
  value(_before, { closedAt, count }) {
    // Further streams change nothing, so they cause no report.
    if (count > 0) return { streams: 1 };
    return closedAt === undefined ? undefined : { streams: 0, closedAt };
  },
  policy: policyOf({ event: 'presence', graceMs: GRACE_MS }),
});
