import { EventParser, type StreamEvent } from '../../../tools/load/event-parser';

const FRAMES =
  'retry: 1500\n\n:\n\nid: a1\nevent: likes\ndata: {"total":1,"new":1}\n\n' +
  'id: a2\nevent: comment\ndata: {"text":"\u00c3\u00a9"}\n\n';

function pushed(parser: EventParser, pieces: readonly string[]): StreamEvent[] {
  return pieces.flatMap((piece) => [...parser.push(piece)]);
}

const named = (events: readonly StreamEvent[]) => events.filter(({ name }) => name !== 'message');

describe('EventParser', () => {
  const whole = pushed(new EventParser(), [FRAMES]);

  it('reads names, ids, retry, JSON and UTF-8', () => {
    expect(whole[0]?.retryMs).toBe(1500);
    expect(named(whole)).toEqual([
      expect.objectContaining({ name: 'likes', id: 'a1', data: { total: 1, new: 1 } }),
      expect.objectContaining({ name: 'comment', id: 'a2', data: { text: 'é' } }),
    ]);
  });

  it('finds the same events for reads of any length', () => {
    for (let cut = 1; cut < FRAMES.length; cut += 1) {
      const pieces = [FRAMES.slice(0, cut), FRAMES.slice(cut)];
      expect(named(pushed(new EventParser(), pieces))).toEqual(named(whole));
    }
    expect(named(pushed(new EventParser(), [...FRAMES]))).toEqual(named(whole));
  });

  it('accepts CRLF as a newline, also if it is cut between the two', () => {
    const crlf = FRAMES.replaceAll('\n', '\r\n');
    expect(named(pushed(new EventParser(), [crlf]))).toEqual(named(whole));
    expect(named(pushed(new EventParser(), [...crlf]))).toEqual(named(whole));
  });

  it('accepts a comment without a blank line, and no space after a colon', () => {
    const parser = new EventParser();
    expect(pushed(parser, [':\n', 'event:likes\ndata:{}\n', '\n'])).toEqual([
      expect.objectContaining({ name: 'likes', data: {} }),
    ]);
  });

  it('parses the same bytes equally for every viewer, also after an incomplete event', () => {
    const [one, other] = [new EventParser(), new EventParser()];
    const text = 'event: likes\ndata: {"total":7}\n\n';
    const [first] = one.push(text);
    expect(other.push(text)[0]).toBe(first);
    expect(other.push('event: likes\n')).toEqual([]);
    expect(other.push('data: {"total":8}\n\n')[0]?.data).toEqual({ total: 8 });
    expect(other.push(text)[0]).toBe(first);
  });

  it('marks data that is not JSON', () => {
    expect(new EventParser().push('event: likes\ndata: {"tot\n\n')[0]?.unreadable).toBe(true);
  });

  it('refuses an event without an end', () => {
    expect(() => new EventParser().push('x'.repeat(2 ** 20 + 1))).toThrow('bytes');
  });
});
