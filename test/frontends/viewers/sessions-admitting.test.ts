import { Sessions } from '../../../frontends/viewers/sessions';
import { Seeded } from '../../simulation/seeded';
import { ANN, frontend } from '../parts';

const [ONE, OTHER, THIRD] = ['video:1', 'video:2', 'video:3'];

describe('admitting', () => {
  it('is refused with a temporary error when the worker is full', () => {
    const { channels, clock, fanOut, sockets } = frontend();
    const sessions = new Sessions({
      ...{ channels, clock, fanOut, sockets },
      memberships: { watch: () => {}, unwatch: () => {}, makeRoom: () => {} },
      entropy: new Seeded(1).entropy,
      maxViewers: 1,
      workerId: 'w1',
    });
    sessions.admit({ channels: [] });
    sessions.open(1, { channels: [ONE] }, ANN);
    expect(() => sessions.admit({ channels: [] })).toThrow(
      expect.objectContaining({ code: 'full', retriable: true }),
    );
    sockets.leave(1);
    sessions.admit({ channels: [] });
  });

  it('is refused if the worker would hold too many channels, not counting lingering ones', () => {
    const { channels, clock, fanOut, sockets } = frontend();
    const lingering: string[] = [];
    const sessions = new Sessions({
      ...{ channels, clock, fanOut, sockets },
      memberships: {
        watch: () => {},
        unwatch: (channel) => lingering.push(channel),
        makeRoom(count, except) {
          const oldest = lingering.filter((channel) => !except.includes(channel));
          for (const channel of oldest.slice(0, count)) channels.remove(channel);
        },
      },
      entropy: new Seeded(1).entropy,
      maxViewers: 10,
      maxChannels: 2,
      workerId: 'w1',
    });
    const full = expect.objectContaining({ code: 'full', retriable: true });
    expect(() => sessions.admit({ channels: [ONE, OTHER, THIRD] })).toThrow(full);
    sessions.admit({ channels: [ONE, OTHER] });
    const session = sessions.open(1, { channels: [ONE, OTHER] }, ANN);
    sessions.admit({ channels: [ONE, OTHER] });
    expect(() => sessions.admit({ channels: [THIRD] })).toThrow(full);
    expect(() => sessions.join(session, THIRD)).toThrow(full);
    sessions.leave(session, OTHER);
    sessions.admit({ channels: [OTHER] });
    expect(channels.get(OTHER)).toBeDefined();
    sessions.join(session, THIRD);
    expect([...session.rows].map(({ view }) => view.channel.name)).toEqual([ONE, THIRD]);
    expect(channels.get(OTHER)).toBeUndefined();
  });

  it('is refused once it drains; the reconnects of all viewers are spread over time', () => {
    const { open, sessions, sockets } = frontend();
    const all = Array.from({ length: 50 }, () => open([ONE]));
    sessions.drain(10_000);
    expect(() => sessions.admit({ channels: [] })).toThrow(
      expect.objectContaining({ code: 'draining', retriable: true }),
    );
    const times = all.map(({ viewer }) => Number(sockets.eventsOf(viewer).at(-1)?.data.retryMs));
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(5_000);
    expect([sessions.size, sockets.closed.size]).toEqual([0, 50]);
  });
});
