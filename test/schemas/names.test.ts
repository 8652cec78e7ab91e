import { Names, updatesOf } from '../../schemas/names';

const names = new Names();

it('names topics by namespace, log and generation', () => {
  expect(names.topic('likes', 1)).toBe('likestream.likes');
  expect(names.topic('likes', 2)).toBe('likestream.likes.2');
  expect(names.topic(updatesOf('poll-votes'), 1)).toBe('likestream.updates.poll-votes');
  expect(names.mirrored('dc1', names.topic(updatesOf('likes'), 2))).toBe(
    'dc1.likestream.updates.likes.2',
  );
  expect(names.group('dc1.1', 'likes')).toBe('likestream.dc1.1.likes');
});

it('begins every name with the namespace', () => {
  const other = new Names('other');
  expect(other.keyspace).toBe('other');
  expect(other.keyPrefix).toBe('other:');
  expect(other.topic('likes', 1)).toBe('other.likes');
  expect(other.group('dc1.1', 'likes')).toBe('other.dc1.1.likes');
});

it('has a pattern that matches the topics of updates, and no others', () => {
  const pattern = new RegExp(`^(${names.updatesPattern})$`);
  for (const type of ['likes', 'poll-votes']) {
    for (const generation of [1, 2, 12]) {
      expect(names.topic(updatesOf(type), generation)).toMatch(pattern);
      expect(names.topic(type, generation)).not.toMatch(pattern);
    }
  }
  expect('otherxupdates.likes').not.toMatch(pattern);
  expect(names.mirrored('dc1', names.topic(updatesOf('likes'), 1))).not.toMatch(pattern);
});

test('the topic of moments has a pattern for MirrorMaker, and a group of each datacenter', () => {
  const names = new Names('likestream');
  expect(new RegExp(`^(${names.momentsPattern})$`).test(names.topic('moments', 1))).toBe(true);
  expect(names.momentsGroup('dc1')).toBe('likestream.dc1.moments');
});
