import { z } from 'zod';
import { LikestreamError } from '../../schemas/errors';
import { eventType, type LoggedType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import { likes, likesOf } from '../../schemas/likes';
import { type Counts, counter } from '../../schemas/policies/counter';
import type { Versioned } from '../../schemas/state';
import { stateAt } from './arbitraries';

interface Vote {
  readonly option: string;
}

/** Votes: each member once, on the same channels as likes. */
function votesWith(change: Partial<LoggedType<Vote, Counts, Counts>> = {}) {
  return eventType<Vote, Counts, Counts>({
    name: 'votes',
    channelKind: 'video',
    idName: 'memberId',
    idFrom: 'member',
    body: z.object({ option: z.string() }),
    columns: { option: 'text' },
    exact: true,
    maxPerRequest: 1,
    sharesRecords: true,
    policy: counter({ event: 'votes', field: 'options', key: ({ option }) => option }),
    ...change,
  });
}

const types = new EventTypes([likes, votesWith()]);

function codeOf(text: string): string {
  try {
    types.parseChannel(text);
    return 'none';
  } catch (error) {
    return error instanceof LikestreamError ? error.code : 'another';
  }
}

describe('parseChannel', () => {
  it('returns a channel of a known kind', () => {
    expect(types.parseChannel('video:42')).toBe('video:42');
    expect(types.parseChannel(`video:${'a'.repeat(64)}`)).toBe(`video:${'a'.repeat(64)}`);
  });

  it.each([
    ['', 'invalid_channel'],
    ['video', 'invalid_channel'],
    [':42', 'invalid_channel'],
    ['nothing:42', 'invalid_channel'],
    ['Video:42', 'invalid_channel'],
    ['constructor:42', 'invalid_channel'],
    ['video:', 'invalid_id'],
    ['video:4/2', 'invalid_id'],
    ['video:4:2', 'invalid_id'],
    [`video:${'a'.repeat(65)}`, 'invalid_id'],
  ])('refuses %j with %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });
});

describe('the registry', () => {
  it('finds types by name and by the kind of a channel, in order', () => {
    const names = (channel: string) => types.of(channel).map(({ name }) => name);
    expect(types.getLogged('votes')?.idName).toBe('memberId');
    expect(types.get('nothing')).toBeUndefined();
    expect(names('video:42')).toEqual(['likes', 'votes']);
    expect(names('room:42')).toEqual([]);
    expect(names('video')).toEqual([]);
    expect(types.kinds).toEqual(['video']);
  });

  it('refuses two types of one name', () => {
    expect(() => new EventTypes([likes, likesOf(['like'])])).toThrow('two event types');
  });

  it('merges by the policy of the type, and of an unknown type keeps the newest version', () => {
    const joined: Versioned<Counts> = { version: 9, state: { joined: 1 } };
    const policy = { ...votesWith().policy, merge: () => joined };
    const { mergeOf } = new EventTypes([votesWith({ policy })]);
    expect(mergeOf('votes')(stateAt(3), stateAt(1))).toBe(joined);
    expect(mergeOf('unknown')(stateAt(1), stateAt(3))).toEqual(stateAt(3));
    expect(mergeOf('unknown')(stateAt(3), stateAt(1))).toEqual(stateAt(3));
  });

  it('verifies the states of known types only', () => {
    const wrong = { 'dc1.1': { version: 1, state: { like: '1' } } };
    const good = { 'dc1.1': { version: 1, state: { like: 1 } } };
    expect(types.parseVector('likes', good)).toEqual(good);
    expect(() => types.parseVector('likes', wrong)).toThrow(z.ZodError);
    expect(types.parseVector('unknown', wrong)).toEqual(wrong);
    expect(types.parseFeeds({ likes: good, unknown: wrong })).toEqual({
      likes: good,
      unknown: wrong,
    });
    expect(() => types.parseFeeds({ unknown: good, votes: wrong })).toThrow(z.ZodError);
  });
});

describe('an event type', () => {
  it.each<[string, Partial<LoggedType<Vote, Counts, Counts>>]>([
    ['name', { name: 'Votes' }],
    ['name', { name: `v${'o'.repeat(32)}` }],
    ['channelKind', { channelKind: 'video2' }],
    ['idName', { idName: 'member_id' }],
    ['columns.Option', { columns: { Option: 'text' } }],
    ['maxPerRequest', { maxPerRequest: 0 }],
    ["'member' needs exact", { exact: false }],
    ["'member' needs exact and maxPerRequest 1", { maxPerRequest: 2 }],
    ['hasHistory needs sharesRecords false', { hasHistory: true }],
  ])('is refused with an error that names %s', (field, change) => {
    expect(() => votesWith(change)).toThrow(field);
  });
});
