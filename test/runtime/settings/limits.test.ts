import { MOSTS, RATES } from '../../../runtime/limits/catalogue';
import { mostOf, rateOf } from '../../../runtime/settings/limits';
import { readSettings } from '../../../runtime/settings/settings';

const KEY = { JWT_SECRET: 'a key of some length' };
const NAMES = Object.keys(RATES) as (keyof typeof RATES)[];

/** The likes and the requests that are granted in a second, and the streams of an address. */
function limits(environment: Record<string, string>) {
  const settings = readSettings(environment);
  return [
    rateOf(settings, 'entries')?.perS,
    rateOf(settings, 'requests')?.perS,
    mostOf(settings, 'streams_of_address'),
  ];
}

const NONE = [undefined, undefined, Infinity];
const MEMBERS = [RATES.entries.perS, undefined, Infinity];
const ALL = [RATES.entries.perS, RATES.requests.perS, MOSTS.streams_of_address.most];

describe('the limits', () => {
  it.each([
    ['embedded mode without a key', {}, NONE],
    ['a key', KEY, NONE],
    ['a role', { ROLE: 'producer' }, MEMBERS],
    ['a key and a number of proxies', { ...KEY, TRUSTED_PROXIES: '1' }, ALL],
    ['a key and no proxy', { ...KEY, TRUSTED_PROXIES: '0' }, ALL],
    ['a number of proxies without a key', { TRUSTED_PROXIES: '1' }, NONE],
    ['LIMITS=on', { LIMITS: 'on' }, ALL],
    ['LIMITS=off', { ...KEY, TRUSTED_PROXIES: '1', LIMITS: 'off' }, NONE],
    ['a value of its own', { RATE_LIMIT: '7', LIMITS: 'off' }, [7, undefined, Infinity]],
    ['0, which is no limit', { ROLE: 'producer', RATE_LIMIT: '0' }, NONE],
  ])('with %s are so', (_, environment, expected) => {
    expect(limits(environment)).toEqual(expected);
  });

  it('grant a whole second of a rate at once, and at least one use', () => {
    for (const name of NAMES) {
      const { setting } = RATES[name];
      expect(rateOf(readSettings({ [setting]: '0.001' }), name)?.burst).toBe(1);
      const { burst = 0, perS = 0 } = rateOf(readSettings({ [setting]: '10' }), name) ?? {};
      expect(burst).toBeGreaterThanOrEqual(perS);
    }
  });
});
