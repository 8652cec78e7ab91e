import { RequestLimits, type Sender } from '../../producers/request-limits';
import { Allowances } from '../../runtime/limits/allowances';
import type { RateName } from '../../runtime/limits/catalogue';
import { comments } from '../../schemas/comments';
import { LikestreamError } from '../../schemas/errors';
import { likes } from '../../schemas/likes';
import { MEMBER_RIGHTS } from '../../schemas/rights';
import { VirtualClock } from '../simulation/virtual-clock';

const ADDRESS = '10.0.0.1';
const ANN: Sender = { id: 'ann', address: ADDRESS };

function parts(bursts: Partial<Record<RateName, number>>) {
  const clock = new VirtualClock();
  const limited: string[] = [];
  const limits = new RequestLimits({
    limited: (limit) => limited.push(limit),
    allowancesOf(name) {
      const burst = bursts[name];
      return burst === undefined ? undefined : new Allowances({ perS: 1, burst, clock });
    },
  });
  return { clock, limited, limits };
}

/** The code and the time to wait if a request is refused; undefined if it is not. */
function refusalOf(request: () => void) {
  try {
    request();
    return undefined;
  } catch (error) {
    if (!(error instanceof LikestreamError)) throw error;
    return { code: error.code, retryAfterMs: error.retryAfterMs };
  }
}

describe('RequestLimits', () => {
  it('refuse a member that sends too much, and say how long to wait', async () => {
    const { clock, limited, limits } = parts({ entries: 3 });
    const like = () => refusalOf(() => limits.requireEntries(likes, 'video:1', ANN));
    expect([like(), like(), like()]).toEqual([undefined, undefined, undefined]);
    expect(like()).toEqual({ code: 'too_many_requests', retryAfterMs: 1_000 });
    expect(limited).toEqual(['entries']);
    await clock.advance(1_001);
    expect(like()).toBeUndefined();
  });

  it('count each entry of a list, and refuse it as a whole', () => {
    const { limits } = parts({ entries: 60 });
    const like = (count: number) =>
      refusalOf(() => limits.requireEntries(likes, 'video:1', ANN, count));
    expect(like(50)).toBeUndefined();
    expect(like(50)).toBeDefined();
    expect(like(10)).toBeUndefined();
    expect(like(1)).toBeDefined();
  });

  it('of one type do not hinder another one', () => {
    const { limits } = parts({ entries: 1, texts: 1 });
    const send = (type: typeof likes | typeof comments) =>
      refusalOf(() => limits.requireEntries(type, 'video:1', ANN));
    expect([send(likes), send(comments)]).toEqual([undefined, undefined]);
    expect([send(likes), send(comments)]).toEqual([expect.anything(), expect.anything()]);
  });

  it('count requests and entries of all members of an address together', async () => {
    const { limited, limits } = parts({ requests: 10 });
    const rights = MEMBER_RIGHTS;
    const members = limits.counting({
      memberOf: async (ctx) => ({ id: ctx.path, rights, isAnonymous: false, address: ADDRESS }),
    });
    const ask = (path: string) =>
      members.memberOf({ path } as Parameters<typeof members.memberOf>[0]);
    expect((await ask('ann')).id).toBe('ann');
    limits.requireEntries(likes, 'video:1', ANN, 9);
    await ask('bob');
    await expect(ask('cid')).rejects.toMatchObject({ code: 'too_many_requests' });
    expect(limited).toEqual(['requests']);
  });

  it('take an address for the member if clients keep no cookie', () => {
    const { limits } = parts({ entries: 2 });
    const like = (id: string, isNew: boolean) =>
      refusalOf(() => limits.requireEntries(likes, 'video:1', { id, isNew, address: ADDRESS }));
    expect([like('a', true), like('b', true)]).toEqual([undefined, undefined]);
    expect(like('c', true)).toBeDefined();
    expect(like('d', false)).toBeUndefined();
  });

  it('refuse new names of one address, and no known ones', () => {
    const { limited, limits } = parts({ names: 2 });
    const like = (channel: string, sender = ANN) =>
      refusalOf(() => limits.requireEntries(likes, channel, sender));
    expect([like('video:1'), like('video:2'), like('video:1')]).toEqual(Array(3).fill(undefined));
    expect(like('video:3')).toBeDefined();
    expect(like('video:3', { id: 'bob', address: '10.0.0.2' })).toBeUndefined();
    expect(like('video:3')).toBeUndefined();
    expect(limited).toEqual(['names']);
  });

  it('take the member for the address if that is unknown', () => {
    const { limits } = parts({ names: 1, requests: 1 });
    const like = (channel: string, id: string) =>
      refusalOf(() => limits.requireEntries(likes, channel, { id }));
    expect(like('video:1', 'ann')).toBeUndefined();
    expect(like('video:2', 'ann')).toBeDefined();
    expect(like('video:2', 'bob')).toBeUndefined();
  });
});
