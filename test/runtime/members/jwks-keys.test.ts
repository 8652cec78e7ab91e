import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { JwksKeys } from '../../../runtime/members/jwks-keys';
import { TokenVerifier } from '../../../runtime/members/token-verifier';
import { VirtualClock } from '../../simulation/virtual-clock';
import { signedToken, token } from './tokens';

const [one, two] = [rsaKey(), rsaKey()];

interface Key {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function rsaKey(): Key {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 });
}

function jwks(...keys: readonly (readonly [Key, object?])[]): string {
  return JSON.stringify({
    keys: keys.map(([{ publicKey }, more]) => ({
      ...publicKey.export({ format: 'jwk' }),
      ...more,
    })),
  });
}

/** Keys whose source the test replaces; `reads` counts the reads of it. */
function keysOf(text: string | Error, isRead = true) {
  const clock = new VirtualClock();
  const state = { text, reads: 0, failures: [] as string[] };
  const keys = new JwksKeys({
    ...{ clock, source: 'keys.json', freshMs: 60_000, gapMs: 5_000 },
    text: isRead && typeof text === 'string' ? text : undefined,
    async read() {
      state.reads += 1;
      if (state.text instanceof Error) throw state.text;
      return state.text;
    },
    failed: (_, error) => state.failures.push(String(error)),
  });
  const options = { keys, memberClaim: 'sub', requiresExpiry: false, clock };
  const verifier = new TokenVerifier(options);
  const isAccepted = async (key: Key, header: object = {}): Promise<boolean> => {
    const found = await verifier.verify(signedToken({ sub: 'ann' }, key.privateKey, header));
    return 'id' in found;
  };
  return { clock, isAccepted, keys, state, verifier };
}

describe('keys of a set', () => {
  it('are tried in turn if the token or the keys have no `kid`, or have the same one', async () => {
    expect(await keysOf(jwks([one], [two])).isAccepted(two)).toBe(true);
    const same = keysOf(jwks([one, { kid: '1' }], [two, { kid: '1' }]));
    expect(await same.isAccepted(two, { kid: '1' })).toBe(true);
    expect(await keysOf(jwks([one])).isAccepted(one, { kid: 'x' })).toBe(true);
    expect(await keysOf(jwks([one, { kid: '1' }])).isAccepted(one)).toBe(true);
  });

  it('verify no token of a key that is not among them', async () => {
    const { isAccepted } = keysOf(jwks([one, { kid: '1' }]));
    expect(await isAccepted(two)).toBe(false);
    expect(await isAccepted(two, { kid: '1' })).toBe(false);
    expect(await isAccepted(one, { kid: '2' })).toBe(false);
  });

  it('are not used as a secret, nor for another algorithm or use than theirs', async () => {
    const text = jwks([one]);
    const pem = String(one.publicKey.export({ type: 'spki', format: 'pem' }));
    for (const secret of [text, pem]) {
      const found = await keysOf(text).verifier.verify(token({ sub: 'ann' }, secret));
      expect(found).toEqual({ reason: 'wrong_key' });
    }
    expect(await keysOf(jwks([one, { alg: 'RS512' }], [two])).isAccepted(one)).toBe(false);
    expect(await keysOf(jwks([one, { use: 'enc' }], [two])).isAccepted(one)).toBe(false);
  });

  it.each([
    ['', 'not a JWKS'],
    ['{}', 'not a JWKS'],
    ['{"keys":[]}', 'no public key'],
    ['{"keys":[{"kty":"oct","k":"c2VjcmV0"},7]}', 'no public key'],
  ])('do not exist in %j', (text, why) => {
    expect(() => keysOf(text)).toThrow(why);
  });
});

describe('a set that changes', () => {
  it('is read for a token with an unknown key, at most once in the gap', async () => {
    const { clock, isAccepted, state } = keysOf(jwks([one, { kid: '1' }]));
    state.text = jwks([one, { kid: '1' }], [two, { kid: '2' }]);
    expect(await isAccepted(two, { kid: '2' })).toBe(false);
    expect(state.reads).toBe(0);
    await clock.advance(5_000);
    const all = Array.from({ length: 10 }, () => isAccepted(two, { kid: '2' }));
    expect(await Promise.all(all)).toEqual(Array(10).fill(true));
    expect(state.reads).toBe(1);
    for (let times = 0; times < 10; times++) await isAccepted(rsaOther, { kid: '3' });
    expect(state.reads).toBe(1);
  });

  it('is read again when it is old, and a withdrawn key then verifies nothing', async () => {
    const { clock, isAccepted, keys, state } = keysOf(jwks([one], [two]));
    expect(await isAccepted(one)).toBe(true);
    state.text = jwks([two]);
    await clock.advance(60_000);
    expect(await isAccepted(one)).toBe(true);
    await keys.reread();
    expect(await isAccepted(one)).toBe(false);
    expect(await isAccepted(two)).toBe(true);
    expect(state.reads).toBe(1);
  });

  it('keeps its keys while it cannot be read or is not valid, and reports that once', async () => {
    const { clock, isAccepted, state } = keysOf(jwks([one]));
    for (const text of [new Error('refused'), '{"keys":[]}']) {
      state.text = text;
      for (let times = 0; times < 3; times++) {
        await clock.advance(60_000);
        expect(await isAccepted(two)).toBe(false);
        expect(await isAccepted(one)).toBe(true);
      }
    }
    expect(state.reads).toBe(6);
    expect(state.failures).toEqual([
      'Error: keys.json: refused',
      'Error: keys.json: it has no public key that verifies signatures',
    ]);
    state.text = jwks([two]);
    await clock.advance(60_000);
    expect(await isAccepted(two)).toBe(true);
  });

  it('that was never read refuses tokens with an error that is worth a retry', async () => {
    const { clock, isAccepted, keys, state } = keysOf(new Error('down'), false);
    const unavailable = expect.objectContaining({ code: 'keys_unavailable', retriable: true });
    await expect(isAccepted(one)).rejects.toEqual(unavailable);
    await expect(keys.reread()).rejects.toEqual(unavailable);
    state.text = jwks([one]);
    await clock.advance(5_000);
    expect(await isAccepted(one)).toBe(true);
    expect(state.reads).toBe(2);
  });
});

const rsaOther = rsaKey();
