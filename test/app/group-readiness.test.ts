import { GroupReadiness } from '../../app/group-readiness';

test('a process is ready only while it is in the groups of all its event types', () => {
  const unavailable = new Set(['redis']);
  const lines: object[] = [];
  const log = { info: (line: object) => void lines.push(line) };
  const readiness = new GroupReadiness({ unavailable, log });
  const isReady = () => !unavailable.has('group');
  for (const type of ['likes', 'votes']) readiness.set(type, false);
  expect(isReady()).toBe(false);
  readiness.set('likes', true);
  expect(isReady()).toBe(false);
  readiness.set('votes', true);
  expect(isReady()).toBe(true);
  // kafkajs reports each join, also that of a member.
  readiness.set('votes', true);
  readiness.set('likes', false);
  readiness.set('votes', true);
  expect(isReady()).toBe(false);
  readiness.set('likes', true);
  expect(unavailable).toEqual(new Set(['redis']));
  expect(lines.at(-1)).toEqual({ type: 'likes', isMember: true });
});
