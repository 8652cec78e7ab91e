import { neededRights } from '../../app/needed-rights';
import { readSettings } from '../../runtime/settings/settings';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';

const LOG = 'likestream.likes';
const UPDATES = 'likestream.updates.likes';
const MIRRORED = 'dc2.likestream.updates.likes';

function rightsOf(role: string) {
  const generation = {
    origin: 'dc1.1',
    topics: [LOG],
    topicPlan: {
      names: [LOG, UPDATES, MIRRORED],
      mirrored: [MIRRORED],
      partitions: 24,
      replicas: 1,
    },
  };
  const settings = readSettings({ ROLE: role });
  const types = new EventTypes([likes]);
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
