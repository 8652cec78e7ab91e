import { encodeHeartbeat, encodeMoment, parseMoment } from '../../schemas/moment';

const sending = { by: 'p1', ms: 1_234, t: 1_700_000_000_000 };
const channel = 'conversation:1';

test('a moment is read as it was written', () => {
  const moment = { channel, type: 'typing', memberId: 'ann', value: {} };
  const text = encodeMoment(moment, sending);
  expect(text).toBe(
    '{"type":"typing","memberId":"ann","value":{},"by":"p1","ms":1234,"t":1700000000000}',
  );
  expect(parseMoment(channel, text)).toEqual({ sending, moment, repeatsAll: false });
});

test('a feed without a value has none after it is read', () => {
  const moment = { channel, type: 'presence', version: 7, life: 'a' };
  const parsed = parseMoment(channel, encodeMoment({ ...moment, value: undefined }, sending));
  expect(parsed.moment).toStrictEqual(moment);
});

test('a heartbeat has no moment', () => {
  const text = encodeHeartbeat(sending, true);
  expect(text).toBe('{"by":"p1","ms":1234,"t":1700000000000,"repeatsAll":true}');
  const none = { sending, moment: undefined };
  expect(parseMoment('heartbeat', text)).toEqual({ ...none, repeatsAll: true });
  // As earlier versions wrote it.
  const before = { sending: { by: 'p1', ms: 1_234 }, moment: undefined, repeatsAll: false };
  expect(parseMoment('heartbeat', '{"by":"p1","ms":1234}')).toEqual(before);
});

test.each(['', '{}', '[]', '{"by":"p1"}', '{"by":"p1","ms":1,"type":""}'])(
  '%p is refused',
  (text) => {
    expect(() => parseMoment(channel, text)).toThrow();
  },
);
