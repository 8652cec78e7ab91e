import { v7 } from 'uuid';
import { cancelFingerprint, entryKey } from '../../../dispatchers/owner/entry-key';
import { likes } from '../../../schemas/likes';
import { votes } from '../parts';

const VIDEO = 'video:42';
const OPTIONS = { secret: 'secret', type: likes };

describe('entryKey', () => {
  it('has the time of a UUIDv7, and none for another id', () => {
    expect(entryKey(OPTIONS, VIDEO, v7({ msecs: 1_700_000_000_000 })).made).toBe(1_700_000_000_000);
    expect(entryKey(OPTIONS, VIDEO, 'own').made).toBeUndefined();
  });

  it('has no time if the id is a member’s', () => {
    const member = v7({ msecs: 1_700_000_000_000 });
    expect(entryKey({ ...OPTIONS, type: votes }, VIDEO, member).made).toBeUndefined();
  });

  it('has a fingerprint that depends on the secret, the channel and the id', () => {
    const keys = [
      entryKey(OPTIONS, VIDEO, 'a'),
      entryKey({ ...OPTIONS, secret: 'other' }, VIDEO, 'a'),
      entryKey(OPTIONS, 'video:43', 'a'),
      entryKey(OPTIONS, VIDEO, 'b'),
    ];
    expect(new Set(keys.map(({ fingerprint }) => fingerprint)).size).toBe(keys.length);
    expect(entryKey(OPTIONS, VIDEO, 'a')).toEqual(keys[0]);
  });
});

test('the fingerprint of a cancel is not that of its entry', () => {
  expect(cancelFingerprint('secret', VIDEO, 'a')).not.toBe(
    entryKey(OPTIONS, VIDEO, 'a').fingerprint,
  );
});
