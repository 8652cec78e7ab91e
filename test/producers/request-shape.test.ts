import fc from 'fast-check';
import '../fixtures/same-runs';
import { z } from 'zod';
import { MAX_KNOWN_BODIES } from '../../producers/known-bodies';
import { RequestShape } from '../../producers/request-shape';
import { RequestVerifier } from '../../producers/request-verifier';
import { likes } from '../../schemas/likes';
import { counter } from '../../schemas/policies/counter';
import { notes, votes } from './parts';

const shape = new RequestShape(likes);
const refusal = (code: string) => expect.objectContaining({ code, status: 400 });

describe('a request with one entry', () => {
  it('has the id and the body, with the defaults of the request', () => {
    const love = { likeId: 'a', reaction: 'love' };
    expect(shape.parse(love)).toMatchObject({
      entries: [{ id: 'a', body: { reaction: 'love' } }],
      isList: false,
    });
    expect(shape.parse({}).entries).toMatchObject([{ body: { reaction: 'like' } }]);
    expect(shape.parse({}).entries[0]?.id).toBeUndefined();
  });

  it('takes null for not given', () => {
    const nothing = { likeId: null, reaction: null, likes: null };
    expect(shape.parse(nothing)).toEqual(shape.parse({}));
  });

  it('is refused for a number that is too large for JSON, not taken for one without it', () => {
    expect(shape.parse({}).entries).toHaveLength(1);
    const infinite = JSON.parse('{"reaction":1e400}');
    expect(() => shape.parse(infinite)).toThrow(refusal('unknown_reaction'));
  });

  it('has no id if ids are the members’', () => {
    const ofVotes = new RequestShape(votes);
    expect(ofVotes.parse({ option: 'yes' }).entries).toMatchObject([{ body: { option: 'yes' } }]);
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
    expect(either.parse({ pages: 3 }).entries).toMatchObject([{ body: { pages: 3 } }]);
    expect(() => either.parse({})).toThrow(refusal('invalid_body'));
    expect(() => either.parse({ other: 3 })).toThrow(refusal('invalid_body'));
  });

  it('is refused if owners could not fold it', () => {
    const policy = counter<{ text: string }>({ event: 'e', field: 'f', key: ({ text }) => text });
    const body = z.object({ text: z.string() });
    const columns = { text: 'text' } as const;
    const words = new RequestShape({ ...votes, idFrom: 'client', body, columns, policy });
    expect(words.parse({ text: 'a' }).entries).toMatchObject([{ body: { text: 'a' } }]);
    expect(() => words.parse({ text: 'constructor' })).toThrow(refusal('invalid_body'));
    expect(() => words.parse({ text: 'x'.repeat(65) })).toThrow(refusal('invalid_body'));
  });

  it('is refused if owners could not read it from the log', () => {
    const request = z.object({ text: z.string().transform((text) => text.repeat(2)) });
    const body = z.object({ text: z.string().max(4) });
    const type = new RequestShape({ ...notes(true), body, request });
    expect(type.parse({ text: 'ab' }).entries).toMatchObject([{ body: { text: 'abab' } }]);
    expect(() => type.parse({ text: 'abc' })).toThrow(refusal('invalid_body'));
  });
});

/** What parsing leads to: the ids and bodies, or the refusal. */
function outcomeOf(parse: () => ReturnType<RequestShape['parse'] | RequestVerifier['parse']>) {
  try {
    const { entries, isList } = parse();
    return { isList, entries: entries.map(({ body, id }) => ({ id, body })) };
  } catch (error) {
    return error;
  }
}

describe('any request', () => {
  const value = fc.constantFrom<unknown[]>(
    ...['love', 'like', 'hate', '', 'a', 'a b', null, 7, {}, [], true, 'x'.repeat(65)],
  );
  const name = fc.constantFrom('likeId', 'reaction', 'text', 'pages', 'noteId', 'at', '__proto__');
  const fields = fc
    .array(fc.tuple(name, value), { maxLength: 3 })
    .map((all) => JSON.parse(`{${all.map(([of, is]) => `"${of}":${JSON.stringify(is)}`)}}`));
  const list = fc.array(fc.oneof(fields, value), { maxLength: 4 });
  const request = fc.oneof(
    fields,
    list.map((likes) => ({ likes })),
    fc.tuple(list, fields).map(([likes, others]) => ({ ...others, likes })),
    value.map((likes) => ({ likes })),
  );

  it.each([
    ['likes', likes],
    ['notes', { ...notes(true), name: 'likes' }],
  ])('is read as the schemas read it, however often: %s', (_, type) => {
    const [own, schemas] = [new RequestShape(type), new RequestVerifier(type)];
    fc.assert(
      fc.property(request, (body) => {
        const expected = outcomeOf(() => schemas.parse(body));
        expect(outcomeOf(() => own.parse(body))).toEqual(expected);
        expect(outcomeOf(() => own.parse(body))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('has the JSON of its body, also after more bodies than are kept', () => {
    const texts = new RequestShape(notes(true));
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at <= MAX_KNOWN_BODIES; at++) {
        const [entry] = texts.parse({ text: `é ${at}` }).entries;
        const text = JSON.stringify({ text: `é ${at}` });
        expect(entry?.body).toEqual({ text: `é ${at}` });
        expect(entry?.encoded).toEqual({ text, bytes: Buffer.byteLength(text) });
      }
    }
  });
});
