import type { ReceivedMoment } from '../../adapters/moments';
import type { Subscriptions } from '../../adapters/subscriptions';
import { LeasedFeeds } from '../../dispatchers/leased/leased-feeds';
import { isPeer } from '../../schemas/report';
import { ImagedContributions } from './imaged-contributions';
import type { BrokenOptions } from './site';

/** Accepts reports of workers that were removed, from a dispatcher that was halted. */
class AcceptsDeadReports extends ImagedContributions {
  override remove(...[id, , types, bucket]: Parameters<ImagedContributions['remove']>) {
    return super.remove(id, Number.NEGATIVE_INFINITY, types, bucket);
  }
}

/** Gives the next version without regard to the one that the worker has seen. */
class IgnoresSeen extends ImagedContributions {
  override report(...[id, beat, reports, buckets]: Parameters<ImagedContributions['report']>) {
    const unseen = reports.map((report) => ({ ...report, seen: 0 }));
    return super.report(id, beat, unseen, buckets);
  }
}

/** Keeps the values of lost workers. */
class KeepsLostValues extends ImagedContributions {
  override async remove(): Promise<[]> {
    return [];
  }
}

/** Forgets a removed value at once, although its dispatcher may die before it publishes that. */
class ForgetsRemoved extends ImagedContributions {
  override async remove(...[id, beat, types, bucket]: Parameters<ImagedContributions['remove']>) {
    const held = this.options.holdings.get(id)?.values;
    const removed = await super.remove(id, beat, types, bucket);
    this.withdrawn.delete(id);
    for (const { channel, type } of removed) held?.delete(bucket, `${type}=${channel}`);
    return removed;
  }
}

/** Keeps the values of other datacenters that are lost, or that they no longer repeat. */
class KeepsPeerValues extends ImagedContributions {
  override async remove(...[id, ...rest]: Parameters<ImagedContributions['remove']>) {
    return isPeer(id) ? [] : super.remove(id, ...rest);
  }

  override async held(...[id, buckets]: Parameters<ImagedContributions['held']>) {
    return isPeer(id) ? [] : super.held(id, buckets);
  }
}

/** Moments are as new as if they were sent and appended now. */
function asIfNew(moments: readonly ReceivedMoment[], nowMs: number): readonly ReceivedMoment[] {
  return moments.map((moment) => {
    return { ...moment, appendedAt: nowMs, sending: { ...moment.sending, t: nowMs } };
  });
}

/** Compares only memberships and states: unequal buckets have no reports. */
function withoutValues(whole: Subscriptions): Subscriptions {
  return {
    renew: (renewal) => whole.renew(renewal),
    change(membership) {
      if (membership.buckets.length === 0) return whole.change(membership);
      return whole.change({ ...membership, buckets: [], reports: [] });
    },
  };
}

/** Never says that what was reported may not be published yet. */
function withoutHeld(whole: Subscriptions): Subscriptions {
  return {
    renew: (renewal) => whole.renew(renewal),
    async change(membership) {
      const { isHeld: _, ...answer } = await whole.change(membership);
      return answer;
    },
  };
}

/** Parts without a mechanism of leased feeds. */
export const BROKEN_LEASED: Readonly<Record<string, BrokenOptions>> = {
  'the end of leased values': { contributions: KeepsLostValues },
  'the refusal of dead workers': {
    contributions: AcceptsDeadReports,
    // Reports that have waited in a halted dispatcher are refused, too.
    dispatcher: ({ leased }) => {
      if (!leased) return;
      leased.report = (...[id, beat, reports, buckets]) =>
        LeasedFeeds.prototype.report.call(leased, id, beat, reports, buckets);
    },
  },
  'the versions that workers have seen': { contributions: IgnoresSeen },
  'the withdrawal that waits for its publication': { contributions: ForgetsRemoved },
  'the repetition of held reports': { subscriptions: withoutHeld },
  'the age of moments of a new sender': { received: asIfNew },
  'leased values in digests': { subscriptions: withoutValues },
  'the wait after Redis began anew': {
    dispatcher: ({ leased }) => {
      if (leased) leased.holdBack = () => undefined;
    },
  },
  'the end of values with a grace': {
    dispatcher: ({ leased }) => {
      if (!leased) return;
      leased.gracesOf = (id) => LeasedFeeds.prototype.gracesOf.call(leased, id).slice(0, 1);
    },
  },
};

/** The same of several datacenters. */
export const BROKEN_LEASED_BETWEEN: Readonly<Record<string, BrokenOptions>> = {
  "the end of a peer's values": { contributions: KeepsPeerValues },
  'the repetition of values': {
    dispatcher: ({ leased }) => {
      if (leased) leased.repeat = () => undefined;
    },
  },
};
