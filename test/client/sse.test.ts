import fc from 'fast-check';
import { type Block, createParser } from '../../client/sse';

const TEXT = [
  'retry: 1500\nevent: ready\ndata: {"connectionId":"a.b","channels":["video:42"]}\n\n',
  'event: likes\ndata: {"text":"a: b, ü 😀"}\nid: video:42/likes=3:dc1.1@1\n\n',
  'retry: 20\n\n',
  'event: ping\ndata: {}\n\n',
].join('');

const BLOCKS: Block[] = [
  { retry: '1500', event: 'ready', data: '{"connectionId":"a.b","channels":["video:42"]}' },
  { event: 'likes', data: '{"text":"a: b, ü 😀"}', id: 'video:42/likes=3:dc1.1@1' },
  { retry: '20' },
  { event: 'ping', data: '{}' },
];

function read(texts: readonly string[]): Block[] {
  const blocks: Block[] = [];
  const parse = createParser((block) => blocks.push(block));
  for (const text of texts) parse(text);
  return blocks;
}

describe('the reader of a stream', () => {
  it('reads the same events wherever the text is cut', () => {
    const cuts = fc.array(fc.nat({ max: TEXT.length }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (given) => {
        const at = [0, ...given.sort((one, other) => one - other), TEXT.length];
        expect(read(at.slice(1).map((end, index) => TEXT.slice(at[index], end)))).toEqual(BLOCKS);
      }),
    );
  });

  it('gives no event before its end', () => {
    expect(read([TEXT.slice(0, -1)])).toEqual(BLOCKS.slice(0, -1));
  });
});
