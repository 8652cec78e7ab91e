import { neededRights } from '../../app/needed-rights';
import { readSettings } from '../../runtime/settings/settings';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { waves } from '../dispatchers/moments/parts';

const LOG = 'likestream.likes';
const UPDATES = 'likestream.updates.likes';
const MIRRORED = 'dc2.likestream.updates.likes';

const MOMENTS = 'likestream.moments';
const MIRRORED_MOMENTS = 'dc2.likestream.moments';

function rightsOf(role: string, more: { moments?: boolean; peers?: string } = {}) {
  const generation = {
    origin: 'dc1.1',
    topics: [LOG],
    topicPlan: {
      names: [LOG, UPDATES, MIRRORED],
      mirrored: [MIRRORED],
      partitions: 24,
      replicas: 1,
      moments: more.moments ? [MOMENTS, ...(more.peers ? [MIRRORED_MOMENTS] : [])] : [],
    },
  };
  const settings = readSettings({ ROLE: role, PEER_DATACENTERS: more.peers ?? '' });
  const types = new EventTypes(more.moments ? [likes, waves] : [likes]);
  const { groups, topics } = neededRights(generation, { settings, types, names: new Names() });
  return { groups, topics: Object.fromEntries(topics) };
}

test('a producer only writes its logs', () => {
  expect(rightsOf('producer')).toEqual({
    groups: [],
    topics: { [LOG]: ['Write'], [UPDATES]: [], [MIRRORED]: [] },
  });
});

test('a dispatcher reads logs in its group, writes updates, and reads those of others', () => {
  expect(rightsOf('dispatcher')).toEqual({
    groups: ['likestream.dc1.1.likes'],
    topics: { [LOG]: ['Read'], [UPDATES]: ['Write'], [MIRRORED]: ['Read'] },
  });
});

test('a process with both roles needs the rights of both, and a frontend none', () => {
  expect(rightsOf('producer,dispatcher').topics[LOG]).toEqual(['Read', 'Write']);
  expect(Object.values(rightsOf('frontend').topics).flat()).toEqual([]);
});

test('producers write moments, and dispatchers read them in a group of the datacenter', () => {
  expect(rightsOf('producer', { moments: true }).topics[MOMENTS]).toEqual(['Write']);
  const { groups, topics } = rightsOf('dispatcher', { moments: true });
  expect(groups).toEqual(['likestream.dc1.1.likes', 'likestream.dc1.moments']);
  expect(topics[MOMENTS]).toEqual(['Read']);
});

test('with peers, dispatchers also write moments and read those of peers', () => {
  const { topics } = rightsOf('dispatcher', { moments: true, peers: 'dc2' });
  expect(topics[MOMENTS]).toEqual(['Read', 'Write']);
  expect(topics[MIRRORED_MOMENTS]).toEqual(['Read']);
});
