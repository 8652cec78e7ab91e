import { Sessions } from '../../../frontends/viewers/sessions';
import { StreamLimits } from '../../../frontends/viewers/stream-limits';
import type { MostName } from '../../../runtime/limits/catalogue';
import { Seeded } from '../../simulation/seeded';
import { ANN, frontend } from '../parts';

const VIDEOS = ['video:1', 'video:2', 'video:3', 'video:4'] as const;
const [ONE, OTHER, THIRD] = VIDEOS;

type Mosts = Partial<Record<MostName, number>>;

function parts(mosts: Mosts, joins?: { perS: number; burst: number }) {
  const { channels, clock, fanOut, sockets } = frontend();
  const limited: string[] = [];
  const limits = new StreamLimits({
    ...{ clock, joins },
    mostOf: (name) => mosts[name] ?? Infinity,
    limited: (limit) => limited.push(limit),
  });
  const sessions = new Sessions({
    ...{ channels, clock, fanOut, sockets, limits },
    memberships: { watch: () => {}, unwatch: () => {}, makeRoom: () => {} },
    entropy: new Seeded(1).entropy,
    maxViewers: 100,
    workerId: 'w1',
  });
  let viewer = 0;
  const open = (id: string, address?: string, channels: readonly string[] = [ONE]) => {
    sessions.admit({ channels }, { memberId: id, address });
    return sessions.open(++viewer, { channels }, { ...ANN, id, address });
  };
  return { clock, limited, open, sessions };
}

const tooMany = expect.objectContaining({ code: 'too_many_streams', status: 429 });

describe('the limits of streams', () => {
  it('are the most of a member, until one of them has ended', () => {
    const { limited, open, sessions } = parts({ streams_of_member: 2 });
    const first = open('ann');
    open('ann');
    expect(() => open('ann')).toThrow(tooMany);
    expect(limited).toEqual(['streams_of_member']);
    open('bob');
    sessions.end(first, 'full');
    open('ann');
    expect(() => open('ann')).toThrow(tooMany);
  });

  it('are the most of an address, whichever members they have', () => {
    const { open, sessions } = parts({ streams_of_address: 2 });
    const first = open('ann', '10.0.0.1');
    open('bob', '10.0.0.1');
    expect(() => open('cid', '10.0.0.1')).toThrow(tooMany);
    open('cid', '10.0.0.2');
    open('cid');
    sessions.gone(first.viewer);
    open('cid', '10.0.0.1');
  });

  it('are the most channels of an address, joined at first or later', () => {
    const { limited, open, sessions } = parts({ channels_of_address: 3 });
    const stream = open('ann', '10.0.0.1', [ONE, OTHER]);
    expect(() => open('bob', '10.0.0.1', [ONE, OTHER])).toThrow(tooMany);
    const second = open('bob', '10.0.0.1', [ONE]);
    expect(() => sessions.join(stream, THIRD)).toThrow(tooMany);
    expect(limited).toEqual(['channels_of_address', 'channels_of_address']);
    sessions.leave(stream, OTHER);
    sessions.join(stream, THIRD);
    expect(() => sessions.join(stream, OTHER)).toThrow(tooMany);
    sessions.end(second, 'full');
    sessions.join(stream, OTHER);
    sessions.end(stream, 'full');
    open('cid', '10.0.0.1', [ONE, OTHER, THIRD]);
  });

  it('are how often a member joins and leaves channels', async () => {
    const { clock, limited, open, sessions } = parts({}, { perS: 1, burst: 4 });
    const stream = open('ann');
    for (const channel of [OTHER, THIRD]) {
      sessions.join(stream, channel);
      sessions.leave(stream, channel);
    }
    const tooOften = expect.objectContaining({ code: 'too_many_requests', status: 429 });
    expect(() => sessions.join(stream, OTHER)).toThrow(tooOften);
    expect(() => sessions.leave(stream, ONE)).toThrow(tooOften);
    expect(limited).toEqual(['joins', 'joins']);
    await clock.advance(1_001);
    sessions.join(stream, OTHER);
  });

  it('count nothing if there are none', () => {
    const { limited, open } = parts({});
    for (let at = 0; at < 50; at++) open('ann', '10.0.0.1', VIDEOS);
    expect(limited).toEqual([]);
  });
});
