import { z } from 'zod';
import { RequestShape } from '../../producers/request-shape';
import { unstorableColumn } from '../../producers/storable-body';
import { notes } from './parts';

const columns = { text: 'text', pages: 'bigint', isDone: 'boolean' } as const;

describe('a body', () => {
  it.each<[string, object]>([
    ['values of its columns', { text: 'a', pages: -7, isDone: false }],
    ['null for a column', { text: 'a', pages: null }],
    ['no values', {}],
  ])('can be stored with %s', (_, body) => {
    expect(unstorableColumn({ columns }, body)).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ['a number in a column of text', { text: 7 }, 'text'],
    ['an object in a column of text', { text: {} }, 'text'],
    ['a fraction in a column of integers', { text: 'a', pages: 1.5 }, 'pages'],
    ['an integer that loses digits', { text: 'a', pages: 2 ** 53 }, 'pages'],
    ['a text in a column of booleans', { text: 'a', isDone: 'true' }, 'isDone'],
  ])('cannot be stored with %s', (_, body, column) => {
    expect(unstorableColumn({ columns }, body)).toBe(column);
  });

  it('is refused in a request, although the shape of its type allows it', () => {
    const body = z.object({ text: z.string(), pages: z.number() });
    const shape = new RequestShape({ ...notes(true), body });
    expect(shape.parse({ notes: [{ text: 'a', pages: 2 }] }).entries).toHaveLength(1);
    const detail = 'notes.1.pages: cannot be stored';
    expect(() =>
      shape.parse({
        notes: [
          { text: 'a', pages: 2 },
          { text: 'a', pages: 1.5 },
        ],
      }),
    ).toThrow(expect.objectContaining({ code: 'invalid_body', detail }));
  });
});
