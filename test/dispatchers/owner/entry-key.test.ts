import { v7 } from 'uuid';
import { cancelId, entryKey } from '../../../dispatchers/owner/entry-key';

const VIDEO = 'video:42';

describe('entryKey', () => {
  it('has the time of a UUIDv7, and none for another id', () => {
    expect(entryKey('secret', VIDEO, v7({ msecs: 1_700_000_000_000 })).made).toBe(
      1_700_000_000_000,
    );
    expect(entryKey('secret', VIDEO, 'own').made).toBeUndefined();
  });

  it('has a fingerprint that depends on the secret, the channel and the id', () => {
    const keys = [
      entryKey('secret', VIDEO, 'a'),
      entryKey('other', VIDEO, 'a'),
      entryKey('secret', 'video:43', 'a'),
      entryKey('secret', VIDEO, 'b'),
    ];
    expect(new Set(keys.map(({ id }) => id)).size).toBe(keys.length);
    expect(entryKey('secret', VIDEO, 'a')).toEqual(keys[0]);
  });
});

test('the fingerprint of a cancel is not that of its like', () => {
  expect(cancelId('secret', VIDEO, 'a')).not.toBe(entryKey('secret', VIDEO, 'a').id);
});
