import { LEEWAY_MS, type Member } from '../../runtime/members/member';

/** The ends of streams are spread over at most this time before the end of their tokens. */
export const MAX_SPREAD_MS = 60_000;

const LAST_PART_OF_LIFE = 0.1;
const LAST_PART_OF_REST = 0.5;

/**
 * The time until a stream must end because of its token, ms. Many tokens may end in one second, so
 * `fraction`, a random number of [0, 1), spreads the ends over the last tenth of the token's life
 * or `MAX_SPREAD_MS`, whichever is less. A client that comes back at once with the same token gets
 * at least half of the rest. Undefined if the token never ends.
 */
export function msUntilEnd(
  { expiresAt, issuedAt }: Pick<Member, 'expiresAt' | 'issuedAt'>,
  now: number,
  fraction: () => number,
): number | undefined {
  if (expiresAt === undefined) return undefined;
  const rest = expiresAt - now;
  if (rest <= 0) return Math.max(0, rest + LEEWAY_MS);
  const life = Math.max(rest, expiresAt - (issuedAt ?? now));
  const spread = Math.min(life * LAST_PART_OF_LIFE, MAX_SPREAD_MS, rest * LAST_PART_OF_REST);
  return Math.round(rest - fraction() * spread);
}
