import type { Socket } from 'node:net';
import type { Context } from 'koa';
import { type Clock, systemClock } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import { Allowances } from '../runtime/limits/allowances';
import { clientAddress } from '../runtime/limits/client-address';
import type { ReportFailure } from '../runtime/log-lines';
import { AnonymousIds } from '../runtime/members/anonymous-ids';
import { derivedKeys, storedKeys } from '../runtime/members/anonymous-keys';
import { BadTokens } from '../runtime/members/bad-tokens';
import { Cookies } from '../runtime/members/cookies';
import { fileKeys, urlKeys } from '../runtime/members/jwks-sources';
import type { CookieMembers } from '../runtime/members/members';
import type { ReportRefusal } from '../runtime/members/refusal';
import { RequestMembers } from '../runtime/members/request-members';
import { AllKeys, SecretKey, type TokenKeys } from '../runtime/members/token-keys';
import { TokenVerifier } from '../runtime/members/token-verifier';
import type { Metrics } from '../runtime/metrics';
import { rateOf } from '../runtime/settings/limits';
import { anonymousAccess, hasMemberKey } from '../runtime/settings/members';
import type { Settings } from '../runtime/settings/settings';
import { MEMBER_RIGHTS, WATCH_RIGHTS } from '../schemas/rights';

const ANONYMOUS_RIGHTS = { watch: WATCH_RIGHTS, all: MEMBER_RIGHTS };

export interface MembersContext {
  readonly metrics: Metrics;
  readonly failed: ReportFailure;
  readonly refused: ReportRefusal;
}

/** The members of this process; throws an Error of one line if a file of keys cannot be read. */
export function membersOf(settings: Settings, context: MembersContext): CookieMembers {
  const { metrics, refused } = context;
  const clock = systemClock;
  const cookies = new Cookies({
    sameSite: settings.COOKIE_SAME_SITE,
    isSecure: settings.COOKIE_SECURE,
  });
  const verifier = hasMemberKey(settings) ? verifierOf(settings, context, clock) : undefined;
  const allowed = anonymousAccess(settings);
  const ids = new AnonymousIds({
    ...{ cookies, entropy: systemEntropy },
    keys: () => anonymousKeys(settings),
  });
  return new RequestMembers({
    ...{ clock, cookies, refused, verifier },
    addressOf: addressesBehind(settings.TRUSTED_PROXIES),
    badTokens: badTokensOf(settings, metrics, clock),
    anonymous: allowed === 'none' ? undefined : { ids, rights: ANONYMOUS_RIGHTS[allowed] },
  });
}

function badTokensOf(settings: Settings, metrics: Metrics, clock: Clock): BadTokens | undefined {
  const rate = rateOf(settings, 'bad_tokens');
  if (!rate) return undefined;
  return new BadTokens(new Allowances({ ...rate, clock }), () => metrics.limited('bad_tokens'));
}

/** Clients' addresses. Without proxies it is that of the connection, which never changes. */
function addressesBehind(proxies = 0): (ctx: Context) => string | undefined {
  const known = new WeakMap<Socket, string | undefined>();
  return ({ req: { headers, socket } }) => {
    if (proxies === 0 && known.has(socket)) return known.get(socket);
    // Node joins several headers of this name with commas.
    const forwardedFor = headers['x-forwarded-for']?.toString();
    const address = clientAddress(socket.remoteAddress, forwardedFor, proxies);
    if (proxies === 0) known.set(socket, address);
    return address;
  };
}

function verifierOf(settings: Settings, { failed }: MembersContext, clock: Clock): TokenVerifier {
  const { JWT_JWKS_FILE: file, JWT_JWKS_URL: url, JWT_SECRET: secret } = settings;
  const keys: TokenKeys[] = [];
  if (secret !== undefined) keys.push(new SecretKey(secret));
  if (file !== undefined) keys.push(fileKeys(file, { clock, failed }));
  if (url !== undefined) keys.push(urlKeys(url, { clock, failed }));
  return new TokenVerifier({
    keys: new AllKeys(keys),
    memberClaim: settings.JWT_MEMBER_CLAIM,
    issuers: settings.JWT_ISSUER,
    audiences: settings.JWT_AUDIENCE,
    requiresExpiry: settings.JWT_REQUIRE_EXP,
    clock,
  });
}

/** In the embedded mode the service's secret may differ from start to start. */
function anonymousKeys({ DATA_DIR, ROLE, SERVICE_SECRET }: Settings): readonly Buffer[] {
  const secrets = ROLE && SERVICE_SECRET?.split(',').filter(Boolean);
  return secrets ? derivedKeys(secrets) : storedKeys(DATA_DIR, systemEntropy);
}
