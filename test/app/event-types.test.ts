import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventTypesOf } from '../../app/event-types';

const BODY = `z.object({ stars: z.enum(['one', 'two']) })`;

/** The source of a module whose type has all fields, then those given. */
function moduleText(fields = ''): string {
  return `module.exports = ({ eventType, counter, z }) => ({
    name: 'ratings', channelKind: 'video', idName: 'ratingId', idFrom: 'client',
    body: ${BODY}, columns: { stars: 'text' },
    exact: true, maxPerRequest: 1, sharesRecords: true,
    policy: counter({
      event: 'ratings', field: 'stars', totalField: 'ratings', key: (body) => body.stars,
    }),
    ${fields}
  });`;
}

/** The source of a module with values by name. */
function valuesText(fields = ''): string {
  return `module.exports = ({ eventType, latest, z }) => ({
    name: 'labels', channelKind: 'book', idName: 'labelId', idFrom: 'server',
    body: z.object({ name: z.string(), value: z.unknown(), stamp: z.int() }), columns: {},
    rows: 'none', call: 'put-by-name', exact: false, maxPerRequest: 1, sharesRecords: false,
    policy: latest({
      event: 'label', field: 'labels', maxNews: 10,
      cellOf: ({ body: { name: key, value, stamp } }) => ({ key, value, stamp: stamp + 1 }),
      compare: (one, other) => one.stamp - other.stamp,
      bounded: (after) => after,
      admit: (view, { body }) => ({ body }),
      dataOf: ({ key, value }) => ({ name: key, value }),
      snapshotOf: (cells) => cells.map(({ key }) => key),
    }),
    ${fields}
  });`;
}

const WRONG_MODULES: [string, string, RegExp][] = [
  [
    'throws',
    `module.exports = () => { throw new Error('no votes today\\nsecond line'); }`,
    /no votes today$/,
  ],
  ['does not parse', 'module.exports = (', /Unexpected/],
  ['exports no function', 'module.exports = { name: "ratings" }', /export a function/],
  ['returns nothing', 'module.exports = () => undefined', /result: /],
  ['returns a name with spaces', moduleText(`name: 'star ratings'`), /name: /],
  ['returns no body', moduleText('body: {}'), /body: must be a zod object$/],
  ['returns a request that is no type', moduleText('request: 7'), /request: must be a zod type$/],
  [
    'returns an unknown error code',
    moduleText(`errors: { stars: 'no_such_code' }`),
    /errors\.stars: must be a code of docs\/protocol\.md$/,
  ],
  [
    'returns a column too many',
    moduleText(`columns: { stars: 'text', note: 'text' }`),
    /columns: /,
  ],
  ['returns no column', moduleText(`columns: {}`), /columns: must be the fields of body: stars$/],
  ['returns an unknown column type', moduleText(`columns: { stars: 'blob' }`), /columns\.stars: /],
  [
    'returns a policy without methods',
    moduleText('policy: {}'),
    /policy\.state: must be a zod type$/,
  ],
  [
    'returns a policy without fold',
    moduleText(`policy: { ...counter({ event: 'e', field: 'f', key: String }), fold: undefined }`),
    /policy\.fold: must be a function$/,
  ],
  [
    'returns a policy whose empty state is no state',
    moduleText(`policy: { ...counter({ event: 'e', field: 'f', key: String }), empty: { a: '' } }`),
    /policy\.empty: must have the shape of policy\.state$/,
  ],
  ['has entries without rows, and ids of clients', moduleText(`rows: 'none'`), /idFrom: must be/],
  ['has a path of another route', moduleText(`name: 'stream'`), /name: stream is reserved$/],
  [
    'has a history that its policy does not number',
    moduleText('hasHistory: true, sharesRecords: false'),
    /policy\.numberOf: hasHistory true needs it$/,
  ],
  ['removes entries without a policy', moduleText('isDeletable: true'), /policy\.remove: /],
  [
    'puts values by name with a policy that has none',
    moduleText(`call: 'put-by-name'`),
    /policy\.admit: call put-by-name needs it$/,
  ],
  ['puts values by name with another body', valuesText('body: z.object({ a: z.int() })'), /body: /],
  ['counts members in lists', moduleText(`idFrom: 'member', maxPerRequest: 2`), /idFrom/],
  [
    'counts into the total of another type',
    moduleText(`policy: counter({ event: 'e', field: 'f', key: String })`),
    /policy: the field total of snapshots is another one's$/,
  ],
  [
    'counts into the vectors of a snapshot',
    moduleText(`policy: counter({ event: 'e', field: 'seen', totalField: 's', key: String })`),
    /policy: the field seen of events is another one's$/,
  ],
  [
    'has a policy that throws',
    moduleText(`policy: { ...counter({ event: 'e', field: 'f', key: String }), view: () => ohNo }`),
    /ohNo is not defined$/,
  ],
  ['takes the name of a built-in type', moduleText(`name: 'likes'`), /name: there is already/],
  ['takes the name of a table', moduleText(`name: 'states'`), /name: states is reserved$/],
  [
    'takes a name whose topic no MirrorMaker copies',
    moduleText(`name: 'votes-internal'`),
    /name: votes-internal is reserved$/,
  ],
  ['takes a reserved kind of channels', moduleText(`channelKind: 'role'`), /channelKind: role/],
  ['names its id as another field', moduleText(`idName: 'place'`), /place: an answer has/],
];

describe('eventTypesOf', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'event-types-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function typesWith(text: string, path = 'ratings.js') {
    writeFileSync(join(folder, path), text);
    return eventTypesOf({ REACTIONS: ['like'], EVENT_TYPES: [path] }, folder);
  }

  it('has the built-in type with the configured reactions', () => {
    const types = eventTypesOf({ REACTIONS: ['wow'], EVENT_TYPES: [] });
    const names = types.all.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['likes', 'attributes', 'receipts']));
    expect(types.getLogged('likes')?.request?.safeParse({ reaction: 'wow' }).success).toBe(true);
    expect(types.getLogged('likes')?.request?.safeParse({ reaction: 'like' }).success).toBe(false);
  });

  it('adds a type with values by name', () => {
    expect(typesWith(valuesText()).get('labels')?.channelKind).toBe('book');
  });

  it('adds the type of a module, whose path is relative to the directory', () => {
    const types = typesWith(moduleText());
    expect(types.all.at(-1)?.name).toBe('ratings');
    expect(types.of('video:42').at(-1)?.name).toBe('ratings');
    expect(types.getLogged('ratings')?.body.parse({ stars: 'one' })).toEqual({ stars: 'one' });
  });

  it('adds the default export of a compiled ECMAScript module', () => {
    const text = moduleText().replace('module.exports =', 'exports.default =');
    expect(typesWith(text).getLogged('ratings')?.idName).toBe('ratingId');
  });

  it.each(WRONG_MODULES)('names the module that %s, in one line', (_, text, message) => {
    const failed = () => typesWith(text);
    expect(failed).toThrow(/^EVENT_TYPES: ratings\.js: [^\n]*$/);
    expect(failed).toThrow(message);
  });

  it('names a missing module, and one that a module lacks, in one line', () => {
    const settings = { REACTIONS: ['like'], EVENT_TYPES: ['absent.js'] };
    expect(() => eventTypesOf(settings, folder)).toThrow(
      /^EVENT_TYPES: absent\.js: Cannot find module '[^\n]*absent\.js'/,
    );
    expect(() => typesWith(`require('./no-such-file')`)).toThrow(
      /^EVENT_TYPES: ratings\.js: Cannot find module '.\/no-such-file'/,
    );
  });

  it('refuses a module that is named twice', () => {
    writeFileSync(join(folder, 'ratings.js'), moduleText());
    const EVENT_TYPES = ['ratings.js', './ratings.js'];
    expect(() => eventTypesOf({ REACTIONS: ['like'], EVENT_TYPES }, folder)).toThrow(
      /^EVENT_TYPES: \.\/ratings\.js: name: there is already an event type ratings$/,
    );
  });
});
