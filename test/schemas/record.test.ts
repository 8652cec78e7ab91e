import fc from 'fast-check';
import '../fixtures/same-runs';
import { comments } from '../../schemas/comments';
import { likes } from '../../schemas/likes';
import { encodeRecord, parseRecord, recordShape, timeIn } from '../../schemas/record';
import { aLike, golden, recordOf } from '../fixtures/records';
import { ids } from './arbitraries';

const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

const entries = fc.array(
  fc.record({
    id: ids,
    memberId: ids,
    at: fc.nat(),
    body: fc.record({ reaction: fc.constantFrom('like', 'love', 'another_one') }),
  }),
  { minLength: 1, maxLength: 5 },
);

describe('the record of entries', () => {
  it('is parsed as it was encoded', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), (all, seq, stored) => {
        const record = { producer: 'producer-1', seq, stored, entries: all };
        expect(parseRecord(likes, encodeRecord(record))).toEqual(record);
      }),
    );
  });

  it('has the form of the golden file', () => {
    const like = { id: UUID, reaction: 'love', producer: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' };
    const record = recordOf(aLike({ ...like, seq: 12, stored: 10 }));
    expect(parseRecord(likes, golden('like-record.json'))).toEqual(record);
    expect(JSON.parse(encodeRecord(record))).toEqual(JSON.parse(golden('like-record.json')));
  });

  it.each<[string, object]>([
    ['no entries', { entries: [] }],
    ['a sequence number that is no integer', { seq: 1.5 }],
    ['no `stored`', { stored: undefined }],
    ['no producer', { producer: undefined }],
  ])('is refused with %s', (_, change) => {
    const value = JSON.stringify({ ...recordOf(aLike()), ...change });
    expect(() => parseRecord(likes, value)).toThrow();
  });

  it.each<[string, object]>([
    ['an id with a slash', { id: 'a/b' }],
    ['no member', { memberId: undefined }],
    ['a time before the epoch', { at: -1 }],
    ['no body', { body: undefined }],
    ['a reaction in capitals', { body: { reaction: 'LIKE' } }],
    ['the name of a property of every object', { body: { reaction: 'constructor' } }],
  ])('is refused if its second entry has %s', (_, change) => {
    const { entries: all, ...rest } = recordOf(aLike(), aLike({ id: 'like-2' }));
    const [first, second] = all;
    expect(parseRecord(likes, JSON.stringify({ ...rest, entries: all }))).toMatchObject(rest);
    const value = JSON.stringify({ ...rest, entries: [first, { ...second, ...change }] });
    expect(() => parseRecord(likes, value)).toThrow();
  });

  it('is refused if no entry has a member', () => {
    const { entries: all, ...rest } = recordOf(aLike());
    const value = JSON.stringify({ ...rest, entries: [{ ...all[0], memberId: undefined }] });
    expect(() => parseRecord(likes, value)).toThrow();
  });

  it('may have fields that a later version adds', () => {
    const later = { ...JSON.parse(golden('like-record.json')), added: { later: true } };
    expect(parseRecord(likes, JSON.stringify(later))).toEqual(
      parseRecord(likes, golden('like-record.json')),
    );
  });
});

describe('the record of a cancel', () => {
  it('has the form of the golden file', () => {
    const record = { cancels: UUID, undoKey: 'love', at: 1_700_000_000_000 };
    expect(parseRecord(likes, golden('cancel-record.json'))).toEqual(record);
    expect(JSON.parse(encodeRecord(record))).toEqual(JSON.parse(golden('cancel-record.json')));
  });

  it.each(['cancels', 'undoKey', 'at'])('is refused without `%s`', (field) => {
    const record = { ...JSON.parse(golden('cancel-record.json')), [field]: undefined };
    expect(() => parseRecord(likes, JSON.stringify(record))).toThrow();
  });
});

describe('the record of a deletion', () => {
  it('has the form of the golden file', () => {
    const record = { deletes: UUID, memberId: 'ann', at: 1_700_000_000_000 };
    expect(parseRecord(comments, golden('delete-record.json'))).toEqual(record);
    expect(JSON.parse(encodeRecord(record))).toEqual(JSON.parse(golden('delete-record.json')));
  });

  it.each(['deletes', 'memberId', 'at'])('is refused without `%s`', (field) => {
    const record = { ...JSON.parse(golden('delete-record.json')), [field]: undefined };
    expect(() => parseRecord(comments, JSON.stringify(record))).toThrow();
  });
});

/** Values that a field of a record may have, of which few are valid. */
const anyField = fc.oneof(
  ids,
  fc.constantFrom<unknown>(null, '', 'a/b', 'ä', -1, 0, -0, 1.5, 2 ** 53, 1e300, true, [], {}),
  fc.constantFrom<unknown>([{}], [null], { reaction: 'like' }, { reaction: 'LIKE' }),
  fc.jsonValue(),
);

/** A record or a cancel of which some fields have other values, are missing or are added. */
const almost = fc
  .tuple(
    fc.record({ producer: ids, seq: fc.integer(), stored: fc.integer(), entries }),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('id', 'memberId', 'at', 'body', 'new'), anyField), {
      maxLength: 2,
    }),
    fc.dictionary(
      fc.constantFrom('producer', 'seq', 'entries', 'cancels', 'undoKey', 'deletes', 'at', 'new'),
      anyField,
      { maxKeys: 3 },
    ),
    fc.subarray(['producer', 'seq', 'stored', 'entries'], { maxLength: 1 }),
  )
  .map(([record, inEntries, changes, missing]) => {
    const all = record.entries.map((entry) => ({ ...entry }) as Record<string, unknown>);
    for (const [at, field, value] of inEntries)
      Object.assign(all[at % all.length] ?? {}, { [field]: value });
    const changed: Record<string, unknown> = { ...record, entries: all, ...changes };
    for (const field of missing) delete changed[field];
    return JSON.stringify(changed);
  });

/** The result of a parser as text; undefined if it throws. */
function outcome(parse: () => unknown): string | undefined {
  try {
    return JSON.stringify(parse());
  } catch {
    return undefined;
  }
}

describe('parseRecord', () => {
  it('accepts what the shape of a record and of bodies accepts, and nothing else', () => {
    const byShape = (value: string): unknown => {
      const record = recordShape.parse(JSON.parse(value));
      if (!('entries' in record)) return record;
      const bodies = record.entries.map((one) => ({ ...one, body: likes.body.parse(one.body) }));
      return { ...record, entries: bodies };
    };
    const accepted = { yes: 0, no: 0 };
    const check = (value: string): void => {
      const parsed = outcome(() => parseRecord(likes, value));
      expect(parsed).toBe(outcome(() => byShape(value)));
      accepted[parsed === undefined ? 'no' : 'yes'] += 1;
    };
    fc.assert(fc.property(almost, check), { numRuns: 1_000 });
    fc.assert(fc.property(fc.json(), check));
    for (const some of Object.values(accepted)) expect(some).toBeGreaterThan(100);
  });
});

describe('the time in an id', () => {
  it('is that of a UUIDv7, and no time for a member id of the same form', () => {
    expect(timeIn({ idFrom: 'client' }, UUID)).toBe(0x01890a5dac96);
    expect(timeIn({ idFrom: 'client' }, 'like-1')).toBeUndefined();
    expect(timeIn({ idFrom: 'member' }, UUID)).toBeUndefined();
  });
});
