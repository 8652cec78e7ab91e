import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { TokenHeader } from './token-keys';

/** The most keys that a set may have. */
const MAX_KEYS = 100;

/** The most keys that are tried for one token: each costs a signature check. */
const MAX_CANDIDATES = 8;

const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const CURVE_ALGORITHMS: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
};

const jwk = z.looseObject({
  kty: z.string(),
  kid: z.string().optional(),
  alg: z.string().optional(),
  use: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
  crv: z.string().optional(),
});
const jwks = z.object({ keys: z.array(z.unknown()).max(MAX_KEYS) });

interface SetKey {
  readonly kid: string | undefined;
  readonly algorithms: readonly string[];
  readonly key: KeyObject;
}

/** A set of public keys (RFC 7517). */
export class Jwks {
  private constructor(private readonly keys: readonly SetKey[]) {}

  /**
   * Parses a set; keys that verify no signature of a known asymmetric algorithm are left out.
   * Throws an Error of one line if it is no set, or if no key is left.
   */
  static parse(text: string): Jwks {
    const keys = entriesOf(text).flatMap((entry) => keyOf(entry) ?? []);
    if (keys.length > 0) return new Jwks(keys);
    throw new Error('it has no public key that verifies signatures');
  }

  /**
   * The keys of this id, then those without an id: `kid` is optional, and two keys may have the
   * same one. A token without `kid` may be signed by any.
   */
  candidates({ alg, kid }: TokenHeader): readonly KeyObject[] {
    const able = this.keys.filter(({ algorithms }) => algorithms.includes(alg));
    const chosen =
      kid === undefined
        ? able
        : [...able.filter((key) => key.kid === kid), ...able.filter((key) => !key.kid)];
    return chosen.slice(0, MAX_CANDIDATES).map(({ key }) => key);
  }
}

function entriesOf(text: string): readonly unknown[] {
  try {
    return jwks.parse(JSON.parse(text)).keys;
  } catch {
    throw new Error(`it is not a JWKS, as in {"keys":[…]} with at most ${MAX_KEYS} keys`);
  }
}

function keyOf(entry: unknown): SetKey | undefined {
  const parsed = jwk.safeParse(entry);
  if (!parsed.success) return undefined;
  const { alg, crv = '', key_ops: operations, kid, kty, use = 'sig' } = parsed.data;
  if (use !== 'sig' || (operations && !operations.includes('verify'))) return undefined;
  const possible = kty === 'RSA' ? RSA_ALGORITHMS : [CURVE_ALGORITHMS[crv] ?? ''];
  const algorithms = possible.filter((name) => name !== '' && (!alg || name === alg));
  if (algorithms.length === 0) return undefined;
  try {
    const key = createPublicKey({ key: parsed.data as JsonWebKey, format: 'jwk' });
    return { kid, algorithms, key };
  } catch {
    return undefined;
  }
}
