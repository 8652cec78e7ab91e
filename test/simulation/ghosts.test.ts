import { bucketOf } from '../../schemas/digest';
import { Ghosts } from './ghosts';
import { ImagedContributions } from './imaged-contributions';
import { redisOf } from './redis-image';
import { TYPES } from './types';

const FEED = { channel: 'video:a', type: 'viewers' };
const BUCKET = bucketOf(FEED.channel);
const DEAD_BEAT = 7;

/** Refuses no reports. */
class Forgetful extends ImagedContributions {
  override remove(...[id, , types, bucket]: Parameters<ImagedContributions['remove']>) {
    return super.remove(id, Number.NEGATIVE_INFINITY, types, bucket);
  }
}

test.each([
  { Contributions: Forgetful, beat: DEAD_BEAT, ghosts: 1 },
  { Contributions: Forgetful, beat: DEAD_BEAT + 1, ghosts: 0 },
  { Contributions: ImagedContributions, beat: DEAD_BEAT, ghosts: 0 },
])(
  'a report at the beat of the removal must write nothing ($beat)',
  async ({ Contributions, beat, ghosts: expected }) => {
    const ghosts = new Ghosts();
    const context = { types: TYPES, leasedOrigin: 'dc1.0', newLife: () => 'life', Contributions };
    const whole = redisOf(context).contributions;
    const watched = ghosts.watch(whole);
    const reports = [{ ...FEED, number: 1, seen: 0, value: 1 }];
    await watched.report('worker', DEAD_BEAT, reports);
    await watched.remove('worker', DEAD_BEAT, [FEED.type], BUCKET);
    expect(ghosts.found).toEqual([]);
    await watched.report('worker', beat, reports);
    expect(ghosts.found).toHaveLength(expected);
  },
);

test('a Redis with other data may have forgotten whom it removed', async () => {
  const ghosts = new Ghosts();
  const context = { types: TYPES, leasedOrigin: 'dc1.0', newLife: () => 'life' };
  await ghosts
    .watch(redisOf(context).contributions)
    .remove('worker', DEAD_BEAT, [FEED.type], BUCKET);
  ghosts.forget();
  const reports = [{ ...FEED, number: 1, seen: 0, value: 1 }];
  await ghosts.watch(redisOf(context).contributions).report('worker', DEAD_BEAT, reports);
  expect(ghosts.found).toEqual([]);
});
