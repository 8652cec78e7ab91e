import type { LeasedFeed } from '../../adapters/contributions';
import { EmbeddedContributions, Feed } from '../../adapters/embedded/contributions';
import { bucketOf, reportSum } from '../../schemas/digest';

type FeedImage = Pick<Feed, 'life' | 'of' | 'values' | 'version'>;

/** A copy of all contributions at one moment; the sums in the holdings follow from it. */
export interface ContributionsImage {
  readonly feeds: readonly FeedImage[];
  /** The beats at which contributors were removed. */
  readonly removedAt: readonly (readonly [string, number])[];
  /** By contributor, the names of feeds whose withdrawal is not cached. */
  readonly withdrawn: readonly (readonly [string, readonly string[]])[];
}

/** Contributions in memory that can be copied, as a replica of Redis does. */
export class ImagedContributions extends EmbeddedContributions {
  /** Copies all data as it is at this call. */
  image(): ContributionsImage {
    const all = [...this.feeds.values(), ...[...this.empty].map(([, feed]) => feed)];
    const feeds = all.map(({ life, of, values, version }) => {
      return { life, of, version, values: new Map(values) };
    });
    const withdrawn = [...this.withdrawn].map(([id, names]) => [id, [...names]] as const);
    return { feeds, removedAt: [...this.removedAt], withdrawn };
  }

  /** The feeds of which a contributor has values, by name. */
  feedsOf(contributor: string): ReadonlyMap<string, LeasedFeed> {
    const all = [...this.feeds].filter(([, { values }]) => values.has(contributor));
    return new Map(all.map(([name, { of }]) => [name, of]));
  }

  /** Takes over the data of a copy; there must be none before. */
  restore({ feeds, removedAt, withdrawn }: ContributionsImage): void {
    for (const [id, names] of withdrawn) this.withdrawn.set(id, new Set(names));
    for (const [id, beat] of removedAt) this.removedAt.set(id, beat);
    for (const { life, of, values, version } of feeds) {
      const { channel, type } = of;
      const name = `${type}=${channel}`;
      const feed = new Feed(of, life);
      feed.version = version;
      for (const [contributor, value] of values) {
        feed.values.set(contributor, value);
        const sum = reportSum({ channel, type, number: value.number });
        this.options.holdings.open(contributor).values.set(bucketOf(channel), name, sum);
      }
      if (feed.values.size > 0) this.feeds.set(name, feed);
      else this.empty.set(name, feed);
    }
  }
}
