import { ALL, NOTHING, queryOf, unionOf } from '../../client/wants';

const ONE = { types: ['likes'], channels: { 'video:1': 'a', 'video:2': '' } };
const OTHER = { types: ['comments', 'likes'], channels: { 'video:3': '' } };

describe('what several tabs want', () => {
  it('is each channel and type once', () => {
    expect(unionOf([ONE, NOTHING, OTHER, ONE])).toEqual({
      types: ['likes', 'comments'],
      channels: { 'video:1': 'a', 'video:2': '', 'video:3': '' },
    });
  });
});

describe('the query of a stream', () => {
  it('has the channels with the ids of rendered states, and the types', () => {
    const channels = 'channel=video%3A1&lastEventId=a&channel=video%3A2';
    expect(`${queryOf(ONE, true)}`).toBe(`events=likes&${channels}`);
    expect(`${queryOf(ONE, false)}`).toBe('events=likes&channel=video%3A1&channel=video%3A2');
  });

  it('has no types if one tab wants all', () => {
    const all = { types: [ALL], channels: { 'video:4': '' } };
    expect(queryOf(unionOf([OTHER, all]), true).has('events')).toBe(false);
  });
});
