import { EmbeddedContributions } from '../../adapters/embedded/contributions';
import { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { EmbeddedCache } from '../../adapters/embedded/state-cache';
import { describeContributionsContract } from './contributions.contract';
import { LEASED_ORIGIN } from './contributions-support';
import { LEASED_TYPES } from './leased-types';
import { freshId, realTime } from './time';

describeContributionsContract('embedded', async () => {
  const cache = new EmbeddedCache(LEASED_TYPES);
  const directory = new EmbeddedDirectory(cache);
  const contributions = new EmbeddedContributions({
    ...{ cache, holdings: directory.holdings, origin: LEASED_ORIGIN },
    newLife: () => freshId('life'),
  });
  return { directory, contributions, cache, time: realTime, close: async () => {} };
});
