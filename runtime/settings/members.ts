import { z } from 'zod';
import { SETTING_INFO } from './setting-info';
import { list, text } from './shapes';

/** RFC 7518, section 3.2: as long as the output of the hash. */
const MIN_SECRET_BYTES = 32;

/** So that it cannot be guessed. */
const MIN_SERVICE_CHARACTERS = 16;

const MAKE_ONE = 'make one with `openssl rand -hex 32`';

const secret = z.string().min(1, `it is empty: unset it, or ${MAKE_ONE}`);

/** One secret, or two by comma while one is replaced (`runtime/services/service-keys.ts`). */
const serviceSecret = z
  .string()
  .refine(
    (given) => given.split(',').every((each) => each.trim().length >= MIN_SERVICE_CHARACTERS),
    `it is shorter than ${MIN_SERVICE_CHARACTERS} characters: ${MAKE_ONE}`,
  );

/** Who may, and how members and services are recognised. */
export const MEMBER_SETTINGS = {
  JWT_SECRET: secret.optional().register(SETTING_INFO, {
    isSecret: true,
    text: "HS256 key that verifies members' tokens",
    unset: 'embedded mode without a key: everyone is `anonymous-…`',
    note:
      `With a \`ROLE\` at least ${MIN_SECRET_BYTES} bytes; ` +
      'the embedded mode takes shorter ones.',
  }),
  JWT_JWKS_FILE: z
    .string()
    .min(1, 'it is empty: unset it, or name a file')
    .optional()
    .register(SETTING_INFO, {
      refusesEmpty: true,
      text: 'JWKS file with public keys that verify tokens',
      unset: 'none',
      note:
        'Read again when it changes, within a second. While it is not valid, the keys before ' +
        'stay in use. Several kinds of keys can be set; a token needs one of them.',
    }),
  JWT_JWKS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .register(SETTING_INFO, {
      refusesEmpty: true,
      text: 'address of a JWKS with public keys that verify tokens',
      unset: 'none',
      note:
        'Read again after 5 minutes, and for a token with an unknown key, at most once in 5 s. ' +
        'While it cannot be read, the keys before stay in use.',
    }),
  JWT_ISSUER: list(text).optional().register(SETTING_INFO, {
    text: 'accepted values of the claim `iss`, by comma',
    unset: 'any',
  }),
  JWT_AUDIENCE: list(text).optional().register(SETTING_INFO, {
    text: 'accepted values of the claim `aud`, by comma',
    unset: 'any',
  }),
  JWT_REQUIRE_EXP: z.stringbool().default(true).register(SETTING_INFO, {
    text: 'whether tokens need the claim `exp`',
  }),
  JWT_MEMBER_CLAIM: text.default('sub').register(SETTING_INFO, {
    text: 'claim that holds the member id',
    note: 'docs/tokens.md says which id a value becomes.',
  }),
  ANONYMOUS: z.enum(['none', 'watch', 'all']).optional().register(SETTING_INFO, {
    text: 'what clients without a token may do: none, watch or all',
    unset: 'none; embedded mode without a key: all',
  }),
  COOKIE_SAME_SITE: z.enum(['lax', 'none']).default('lax').register(SETTING_INFO, {
    text: 'whether pages of other sites send the cookies: lax (no) or none (yes)',
    note: '`none` needs TLS at the browser.',
  }),
  COOKIE_SECURE: z.stringbool().default(false).register(SETTING_INFO, {
    text: 'whether browsers send the cookies over TLS only',
    note: 'Also without this setting, if a proxy sends `X-Forwarded-Proto: https`.',
  }),
  SERVICE_SECRET: serviceSecret.optional().register(SETTING_INFO, {
    isSecret: true,
    text: 'secret that signs calls between services, and what is kept in Redis',
    unset: 'embedded mode: random',
    note:
      'Every process of an installation needs the same one. To replace it without a pause, set ' +
      '`OLD,NEW`, then `NEW,OLD`, then `NEW`, each time for all processes.',
  }),
};

type MemberSettings = z.infer<z.ZodObject<typeof MEMBER_SETTINGS>>;

/** The settings of keys that verify tokens. */
export type KeySettings = Pick<MemberSettings, 'JWT_JWKS_FILE' | 'JWT_JWKS_URL' | 'JWT_SECRET'>;

/** Whether a key that verifies tokens is configured. */
export function hasMemberKey(settings: KeySettings): boolean {
  const { JWT_JWKS_FILE: file, JWT_JWKS_URL: url, JWT_SECRET: key } = settings;
  return [file, url, key].some((given) => given !== undefined);
}

/** What clients without a token may do. */
export function anonymousAccess(
  settings: KeySettings & Pick<MemberSettings, 'ANONYMOUS'>,
): 'none' | 'watch' | 'all' {
  return settings.ANONYMOUS ?? (hasMemberKey(settings) ? 'none' : 'all');
}

/** What can never work although each setting alone is right. */
export function memberProblems(
  settings: Partial<MemberSettings> & { readonly ROLE?: readonly string[] | undefined },
): string[] {
  const { ANONYMOUS, JWT_SECRET, ROLE } = settings;
  const problems: string[] = [];
  const hasKey = hasMemberKey({ ...NO_KEYS, ...settings });
  if (ROLE && JWT_SECRET !== undefined && Buffer.byteLength(JWT_SECRET) < MIN_SECRET_BYTES) {
    problems.push(`JWT_SECRET: it is shorter than ${MIN_SECRET_BYTES} bytes: ${MAKE_ONE}`);
  }
  if (!hasKey && ANONYMOUS === 'none') {
    problems.push('ANONYMOUS: none without a key refuses everyone: set JWT_SECRET');
  }
  return problems;
}

const NO_KEYS = { JWT_JWKS_FILE: undefined, JWT_JWKS_URL: undefined, JWT_SECRET: undefined };
