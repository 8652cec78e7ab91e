import { Trace } from './trace';
import { VirtualClock } from './virtual-clock';

function traceOf(...values: readonly unknown[]): string {
  const trace = new Trace(new VirtualClock());
  trace.note('write', ...values);
  return trace.digest();
}

test('a trace has the values of a write, at any depth', () => {
  const one = traceOf('key', { ids: ['a'], offsets: new Map([['a', 1]]) });
  expect(traceOf('key', { ids: ['a'], offsets: new Map([['a', 1]]) })).toBe(one);
  expect(traceOf('key', { ids: ['a'], offsets: new Map([['a', 2]]) })).not.toBe(one);
  expect(traceOf('key', { ids: ['b'], offsets: new Map([['a', 1]]) })).not.toBe(one);
});

test('a trace is the same after a field was renamed or moved', () => {
  expect(traceOf({ likeId: 'a', at: 1 })).toBe(traceOf({ acceptedAt: 1, id: 'a' }));
});

test('a trace has the virtual time of each note, and its kind', async () => {
  const clock = new VirtualClock();
  const late = new Trace(clock);
  await clock.advance(1);
  late.note('write', 'key');
  expect(late.digest()).not.toBe(traceOf('key'));
  const frame = new Trace(new VirtualClock());
  frame.note('frame', 'key');
  expect(frame.digest()).not.toBe(traceOf('key'));
});
