import { z } from 'zod';
import {
  type Limited,
  MOSTS,
  type Most,
  type MostName,
  RATES,
  type Rate,
  type RateName,
} from '../limits/catalogue';
import { connectionsWithin, descriptorLimit } from '../limits/descriptors';
import { hasMemberKey, type KeySettings } from './members';
import { SETTING_INFO } from './setting-info';
import { count } from './shapes';

/** More proxies than any request passes. */
const MAX_PROXIES = 16;

function rateSetting({ burstS, by, note = '', perS, text }: Rate) {
  return z.coerce
    .number()
    .nonnegative()
    .optional()
    .register(SETTING_INFO, {
      text,
      unset: defaultText(perS, by),
      note: `0: no limit. After a pause, ${burstS} times as many at once. ${note}`.trim(),
    });
}

function mostSetting({ by, most, note = '', text }: Most) {
  return count.optional().register(SETTING_INFO, {
    text,
    unset: defaultText(most, by),
    note: `0: no limit. ${note}`.trim(),
  });
}

/** The default, as `LIMITS` and `TRUSTED_PROXIES` say (`isOn`). */
function defaultText(value: number, by: Limited): string {
  const number = value.toLocaleString('en-US');
  return by === 'address' ? `${number} if \`TRUSTED_PROXIES\` is set` : number;
}

/** The limits of a process. */
export const LIMIT_SETTINGS = {
  LIMITS: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .register(SETTING_INFO, {
      text: 'whether limits of members and addresses have their defaults: auto, on or off',
      note:
        '`auto`: on with a `ROLE`, those of addresses only if `TRUSTED_PROXIES` is set; in the ' +
        'embedded mode on with a key and `TRUSTED_PROXIES`. `off`: none but those that are set.',
    }),
  TRUSTED_PROXIES: count
    .max(MAX_PROXIES)
    .optional()
    .register(SETTING_INFO, {
      text: 'proxies in front, each of which appends to `X-Forwarded-For`',
      unset: "the address of the connection is the client's, as with 0",
      note:
        "With n, the n-th address from the right is the client's. Set it, also to 0 if clients " +
        'connect directly: with a wrong number all clients of a proxy are one, or each client ' +
        'says who it is. Of IPv6 the network (/64) counts.',
    }),
  RATE_LIMIT: rateSetting(RATES.entries),
  COMMENT_RATE_LIMIT: rateSetting(RATES.texts),
  PUBLISH_RATE_LIMIT: rateSetting(RATES.published),
  SIGNAL_RATE_LIMIT: rateSetting(RATES.signals),
  ADDRESS_RATE_LIMIT: rateSetting(RATES.requests),
  NEW_NAMES_LIMIT: rateSetting(RATES.names),
  BAD_TOKEN_RATE_LIMIT: rateSetting(RATES.bad_tokens),
  JOIN_RATE_LIMIT: rateSetting(RATES.joins),
  MAX_MEMBER_STREAMS: mostSetting(MOSTS.streams_of_member),
  MAX_ADDRESS_STREAMS: mostSetting(MOSTS.streams_of_address),
  MAX_ADDRESS_CHANNELS: mostSetting(MOSTS.channels_of_address),
  MAX_ADDRESS_CONNECTIONS: mostSetting(MOSTS.connections_of_address),
  MAX_CONNECTIONS: count
    .min(1)
    .optional()
    .register(SETTING_INFO, {
      text: 'connections of clients to a process, streams included',
      unset:
        'the descriptors that the process may open, less a reserve for logs, stores and servers',
      note:
        'Each of several `WORKERS` has as many. Beyond it, connections without a complete ' +
        'request are closed, then idle ones, those first that wait longest.',
    }),
  MAX_VIEWERS: count.default(15_000).register(SETTING_INFO, {
    text: 'open streams of one process',
    note: 'Further streams get `bye` with the reason `full`.',
  }),
  MAX_UPDATES_PER_S: count.min(1).max(1_000).default(30).register(SETTING_INFO, {
    text: 'updates of a channel that a viewer is sent in a second',
    note: 'The first one after a pause is sent at once. Many viewers or a slow proxy mean fewer.',
  }),
  MAX_CHANNELS: count.default(100_000).register(SETTING_INFO, {
    text: 'channels that one process holds',
    note: 'A stream that needs more gets `bye` with the reason `full`.',
  }),
  DEDUPE_WINDOW_MS: count
    .min(1_000)
    .default(120_000)
    .register(SETTING_INFO, {
      text: 'window W in which owners find duplicates without the store',
      unit: 'ms',
      note:
        'A UUIDv7 made in the last W/4 needs no look-up in the store if it is appended within ' +
        'W/4. Owners remember ids for 1.25 W. Use the same value in every process.',
    }),
};

export type LimitSettings = z.infer<z.ZodObject<typeof LIMIT_SETTINGS>> &
  KeySettings & { readonly ROLE?: readonly string[] | undefined };

/** What may be used of a limit in a second, and at once; undefined: there is no limit. */
export function rateOf(
  settings: LimitSettings,
  name: RateName,
): { readonly perS: number; readonly burst: number } | undefined {
  const { burstS, by, perS, setting } = RATES[name];
  const value = settings[setting] ?? (isOn(settings, by) ? perS : 0);
  return value > 0 ? { perS: value, burst: Math.max(1, value * burstS) } : undefined;
}

/** The most of something at a time; Infinity: there is no limit. */
export function mostOf(settings: LimitSettings, name: MostName): number {
  const { by, most, setting } = MOSTS[name];
  return (settings[setting] ?? (isOn(settings, by) ? most : 0)) || Infinity;
}

/** The most connections of clients to this process. */
export function connectionsOf({ MAX_CONNECTIONS }: Pick<LimitSettings, 'MAX_CONNECTIONS'>): number {
  return MAX_CONNECTIONS ?? connectionsWithin(descriptorLimit());
}

/**
 * Whether a limit has its default. In the embedded mode a key and `TRUSTED_PROXIES` show that it
 * serves the public. Without `TRUSTED_PROXIES` all clients may have the address of a
 * proxy, so nothing is limited by it unless someone asks for it.
 */
function isOn(settings: LimitSettings, by: Limited): boolean {
  const { LIMITS, ROLE, TRUSTED_PROXIES } = settings;
  if (LIMITS !== 'auto') return LIMITS === 'on';
  const isOpen = TRUSTED_PROXIES === undefined || !hasMemberKey(settings);
  if (!ROLE && isOpen) return false;
  return by === 'member' || TRUSTED_PROXIES !== undefined;
}
