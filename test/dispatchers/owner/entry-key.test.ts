import { v7 } from 'uuid';
import { entryKey } from '../../../dispatchers/owner/entry-key';
import { Fingerprints } from '../../../dispatchers/owner/fingerprints';
import { likes } from '../../../schemas/likes';
import { votes } from '../parts';

const VIDEO = 'video:42';
const OPTIONS = { fingerprints: new Fingerprints('secret'), type: likes };

describe('entryKey', () => {
  it('has the time of a UUIDv7, and none for another id', () => {
    expect(entryKey(OPTIONS, VIDEO, v7({ msecs: 1_700_000_000_000 })).made).toBe(1_700_000_000_000);
    expect(entryKey(OPTIONS, VIDEO, 'own').made).toBeUndefined();
  });

  it('has no time if the id is a member’s', () => {
    const member = v7({ msecs: 1_700_000_000_000 });
    expect(entryKey({ ...OPTIONS, type: votes }, VIDEO, member).made).toBeUndefined();
  });

  it('has the fingerprint of channel and id', () => {
    const fingerprint = OPTIONS.fingerprints.ofEntry(VIDEO, 'a');
    expect(entryKey(OPTIONS, VIDEO, 'a')).toEqual({
      ...{ channel: VIDEO, entryId: 'a', fingerprint, made: undefined },
    });
  });
});
