import { InvalidArgumentError } from 'commander';
import { type RightsClaim, rightsClaim } from '../../schemas/rights';

const UNITS_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** The options of the command line. */
export interface TokenOptions extends RightsClaim {
  readonly sub: string;
  /** The time until the token ends, s. */
  readonly for: number;
}

/** What the settings of the server ask of a token. */
export interface ServerClaims {
  readonly JWT_MEMBER_CLAIM: string;
  readonly JWT_ISSUER?: readonly string[] | undefined;
  readonly JWT_AUDIENCE?: readonly string[] | undefined;
}

/** Reads a time such as `90s`, `10m`, `1h` or `7d`, as seconds. */
export function seconds(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
  const unitS = UNITS_S[unit];
  if (count === undefined || unitS === undefined) {
    throw new InvalidArgumentError('It is a number and s, m, h or d, as in 1h.');
  }
  return Number(count) * unitS;
}

/** The claims of a token; without any list of rights it has all of a member. */
export function claimsOf(
  { for: lifeS, sub, ...rights }: TokenOptions,
  server: ServerClaims,
  nowS: number,
): object {
  const likestream = rightsClaim.parse(rights);
  const hasRights = Object.values(likestream).some((list) => list !== undefined);
  const [iss] = server.JWT_ISSUER ?? [];
  const [aud] = server.JWT_AUDIENCE ?? [];
  return {
    [server.JWT_MEMBER_CLAIM]: sub,
    iat: nowS,
    exp: nowS + lifeS,
    ...(iss !== undefined && { iss }),
    ...(aud !== undefined && { aud }),
    ...(hasRights && { likestream }),
  };
}
