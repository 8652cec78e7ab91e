import { LeasedFeeds } from '../../dispatchers/leased/leased-feeds';
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

/** Parts without a mechanism of leased feeds. */
export const BROKEN_LEASED: Readonly<Record<string, BrokenOptions>> = {
  'the end of leased values': { contributions: KeepsLostValues },
  'the refusal of dead workers': { contributions: AcceptsDeadReports },
  'the versions that workers have seen': { contributions: IgnoresSeen },
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
  'the repetition of values': {
    dispatcher: ({ leased }) => {
      if (leased) leased.repeat = () => undefined;
    },
  },
};
