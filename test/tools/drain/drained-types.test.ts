import type { KnownLog } from '../../../adapters/cassandra/known-logs';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import { Names } from '../../../schemas/names';
import { drainedTypes } from '../../../tools/drain/drained-types';

const TYPES = new EventTypes([likes, { ...likes, name: 'votes' }]);

function log(origin: string, partitions = 24): KnownLog {
  return { origin, partitions, state: undefined };
}

function use(own: KnownLog, existing: readonly string[], others: readonly KnownLog[] = []) {
  const servers = { names: new Names(), types: TYPES, peers: ['dc2'], existing };
  return drainedTypes(own, [own, ...others], servers);
}

test('the drained types of a log are those with a topic in its generation', () => {
  const existing = ['likestream.likes', 'likestream.votes', 'likestream.likes.2'];
  expect(use(log('dc1.1'), existing)).toEqual([
    {
      ...{ name: 'likes', groupId: 'likestream.dc1.1.likes', topic: 'likestream.likes' },
      peerTopics: [],
    },
    {
      ...{ name: 'votes', groupId: 'likestream.dc1.1.votes', topic: 'likestream.votes' },
      peerTopics: [],
    },
  ]);
  expect(use(log('dc1.2'), existing).map(({ topic }) => topic)).toEqual(['likestream.likes.2']);
});

test('each type has the existing mirrored topics of logs with as many partitions', () => {
  const mirrored = ['dc2.likestream.updates.likes', 'dc2.likestream.updates.likes.2'];
  const existing = ['likestream.likes', 'likestream.votes', ...mirrored];
  const others = [log('dc2.1', 8), log('dc2.2'), log('dc2.3'), log('dc3.1')];
  expect(use(log('dc1.1'), existing, others).map(({ peerTopics }) => peerTopics)).toEqual([
    [mirrored[1]],
    [],
  ]);
});

test('a topic of an unknown type is refused, but not one of other logs or programs', () => {
  const others = [
    'other.polls',
    'likestream.polls.2',
    'likestream.updates.polls',
    'polls',
    'likestream.moments',
  ];
  expect(use(log('dc1.1'), ['likestream.likes', ...others])).toHaveLength(1);
  expect(() => use(log('dc1.1'), ['likestream.likes', 'likestream.polls'])).toThrow(
    /dc1.1 has the topic likestream.polls.*EVENT_TYPES/,
  );
});
