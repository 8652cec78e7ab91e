import { z } from 'zod';
import { RequestShape } from '../../producers/request-shape';
import { likes } from '../../schemas/likes';
import { counter } from '../../schemas/policies/counter';
import { notes, votes } from './parts';

const shape = new RequestShape(likes);
const refusal = (code: string) => expect.objectContaining({ code, status: 400 });

describe('a request with one entry', () => {
  it('has the id and the body, with the defaults of the request', () => {
    const love = { likeId: 'a', reaction: 'love' };
    expect(shape.parse(love)).toEqual({
      entries: [{ id: 'a', body: { reaction: 'love' } }],
      isList: false,
    });
    expect(shape.parse({}).entries).toEqual([{ id: undefined, body: { reaction: 'like' } }]);
  });

  it('takes null for not given', () => {
    const nothing = { likeId: null, reaction: null, likes: null };
    expect(shape.parse(nothing)).toEqual(shape.parse({}));
  });

  it('has no id if ids are the members’', () => {
    const ofVotes = new RequestShape(votes);
    expect(ofVotes.parse({ option: 'yes' }).entries).toEqual([{ body: { option: 'yes' } }]);
    expect(() => ofVotes.parse({ option: 'yes', memberId: 'ann' })).toThrow(
      refusal('invalid_body'),
    );
    expect(() => ofVotes.parse({ option: 'no!' })).toThrow(refusal('invalid_body'));
    expect(() => ofVotes.parse({})).toThrow(refusal('invalid_body'));
  });

  it.each<[string, object, string]>([
    ['an invalid id', { likeId: 'a b' }, 'invalid_id'],
    ['an id that is a number', { likeId: 7 }, 'invalid_id'],
    ['a field that the type has a code for', { reaction: 'hate' }, 'unknown_reaction'],
    ['an unknown key', { reaction: 'love', colour: 'red' }, 'invalid_body'],
    ['an unknown key that is null', { colour: null }, 'invalid_body'],
    ['a key of every object', JSON.parse('{"__proto__":{}}'), 'invalid_body'],
    ['a key that only answers have', { at: 1 }, 'invalid_body'],
  ])('is refused for %s', (_, body, code) => {
    expect(() => shape.parse(body)).toThrow(refusal(code));
  });
});

describe('a request with a list', () => {
  it('has its entries in order', () => {
    const { entries, isList } = shape.parse({ likes: [{ likeId: 'a' }, { reaction: 'love' }, {}] });
    expect(isList).toBe(true);
    expect(entries.map(({ body, id }) => [id, body])).toEqual([
      ['a', { reaction: 'like' }],
      [undefined, { reaction: 'love' }],
      [undefined, { reaction: 'like' }],
    ]);
  });

  it.each<[string, object, string]>([
    ['no entry', { likes: [] }, 'invalid_body'],
    ['too many entries', { likes: Array(51).fill({}) }, 'invalid_body'],
    ['no list', { likes: {} }, 'invalid_body'],
    ['an entry that is a text', { likes: ['a'] }, 'invalid_body'],
    ['an entry that is null', { likes: [null] }, 'invalid_body'],
    ['an unknown key in an entry', { likes: [{}, { colour: 'red' }] }, 'invalid_body'],
    ['a key beside the list', { likes: [{}], reaction: 'love' }, 'invalid_body'],
    ['a list in the list', { likes: [{ likes: [{}] }] }, 'invalid_body'],
    ['an invalid id in an entry', { likes: [{}, { likeId: '' }] }, 'invalid_id'],
    ['an invalid field in an entry', { likes: [{}, { reaction: '' }] }, 'unknown_reaction'],
  ])('is refused for %s', (_, body, code) => {
    expect(() => shape.parse(body)).toThrow(refusal(code));
  });

  it('says which field of which entry is refused', () => {
    const body = { likes: [{}, { reaction: 'hate' }] };
    expect(() => shape.parse(body)).toThrow(
      expect.objectContaining({ detail: expect.stringMatching(/^likes\.1\.reaction: /) }),
    );
  });

  it('takes null for a field of an entry that is not given', () => {
    const { entries } = shape.parse({ likes: [{ likeId: null, reaction: null }] });
    expect(entries).toEqual(shape.parse({ likes: [{}] }).entries);
  });

  it('is refused if the type allows one entry a request', () => {
    const list = { votes: [{ option: 'yes' }] };
    expect(() => new RequestShape(votes).parse(list)).toThrow(refusal('invalid_body'));
  });
});

describe('a body', () => {
  it('has the shape of the log if the type has no other for requests', () => {
    const [entry] = new RequestShape(notes(true)).parse({ text: 'a', pages: null }).entries;
    expect(entry?.body).toEqual({ text: 'a' });
  });

  it('may have a shape that is no plain object shape', () => {
    const body = z.union([z.object({ text: z.string() }), z.object({ pages: z.int() })]);
    const policy = counter({ event: 'notes', field: 'notes', key: () => 'any' });
    const either = new RequestShape({ ...notes(true), body, policy });
    expect(either.parse({ pages: 3 }).entries).toEqual([{ body: { pages: 3 } }]);
    expect(() => either.parse({})).toThrow(refusal('invalid_body'));
    expect(() => either.parse({ other: 3 })).toThrow(refusal('invalid_body'));
  });

  it('is refused if owners could not fold it', () => {
    const policy = counter<{ text: string }>({ event: 'e', field: 'f', key: ({ text }) => text });
    const body = z.object({ text: z.string() });
    const columns = { text: 'text' } as const;
    const words = new RequestShape({ ...votes, idFrom: 'client', body, columns, policy });
    expect(words.parse({ text: 'a' }).entries).toEqual([{ body: { text: 'a' } }]);
    expect(() => words.parse({ text: 'constructor' })).toThrow(refusal('invalid_body'));
    expect(() => words.parse({ text: 'x'.repeat(65) })).toThrow(refusal('invalid_body'));
  });

  it('is refused if owners could not read it from the log', () => {
    const request = z.object({ text: z.string().transform((text) => text.repeat(2)) });
    const body = z.object({ text: z.string().max(4) });
    const type = new RequestShape({ ...notes(true), body, request });
    expect(type.parse({ text: 'ab' }).entries).toEqual([{ body: { text: 'abab' } }]);
    expect(() => type.parse({ text: 'abc' })).toThrow(refusal('invalid_body'));
  });
});
