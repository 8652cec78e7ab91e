import { Sessions } from '../../../frontends/viewers/sessions';
import { MEMBER_RIGHTS } from '../../../schemas/rights';
import { Seeded } from '../../simulation/seeded';
import { ANN, frontend } from '../parts';

const [ONE, OTHER] = ['video:1', 'video:2'];

function metered() {
  const { channels, clock, fanOut, sockets } = frontend();
  const calls: string[] = [];
  const sessions = new Sessions({
    ...{ channels, clock, fanOut, sockets },
    memberships: { watch: () => {}, unwatch: () => {}, makeRoom: () => {} },
    meters: {
      joined: (channel, member) => calls.push(`+${channel} ${member}`),
      left: (channel) => calls.push(`-${channel}`),
      memberOpened: (member) => calls.push(`+${member}`),
      memberClosed: (member) => calls.push(`-${member}`),
    },
    entropy: new Seeded(1).entropy,
    maxViewers: 10,
    workerId: 'w1',
  });
  return { calls, sessions, sockets };
}

describe('the meters of streams', () => {
  it('are called once for each stream and each channel that it joins or leaves', () => {
    const { calls, sessions, sockets } = metered();
    const session = sessions.open(1, { channels: [ONE] }, ANN);
    sessions.join(session, OTHER);
    sessions.join(session, OTHER);
    sessions.leave(session, ONE);
    sessions.leave(session, ONE);
    sockets.leave(1);
    sessions.gone(1);
    sessions.end(session, 'late');
    expect(calls).toEqual(['+ann', `+${ONE} ann`, `+${OTHER} ann`, `-${ONE}`, `-${OTHER}`, '-ann']);
  });

  it('are not called with the presence of members without a token', () => {
    const { calls, sessions, sockets } = metered();
    const member = { id: 'anonymous-1', rights: MEMBER_RIGHTS, isAnonymous: true };
    sessions.open(1, { channels: [ONE] }, member);
    sockets.leave(1);
    expect(calls).toEqual([`+${ONE} anonymous-1`, `-${ONE}`]);
  });

  it('are called for all streams of a worker that drains', () => {
    const { calls, sessions } = metered();
    sessions.open(1, { channels: [ONE] }, ANN);
    sessions.open(2, { channels: [ONE] }, ANN);
    sessions.drain(1_000);
    expect(calls.filter((call) => call === `-${ONE}`)).toHaveLength(2);
    expect(calls.filter((call) => call === '-ann')).toHaveLength(2);
  });
});
