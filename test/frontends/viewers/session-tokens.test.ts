import { Heartbeats } from '../../../frontends/viewers/heartbeats';
import type { Opener } from '../../../frontends/viewers/sessions';
import { frontend, VIDEO } from '../parts';

function withTokens() {
  const parts = frontend();
  const heartbeats = new Heartbeats(parts);
  heartbeats.start();
  let viewer = 0;
  const open = (member: Partial<Opener>) => {
    const opener = { id: 'ann', isAnonymous: false, ...member };
    const session = parts.sessions.open(++viewer, { channels: [VIDEO] }, opener);
    // Without a state it would end for that reason.
    if (viewer === 1) parts.become(VIDEO, 1);
    return session;
  };
  const inMs = (ms: number): number => parts.clock.now() + ms;
  const byes = (): unknown[] =>
    [...parts.sockets.closed].map((one) => parts.sockets.eventsOf(one).at(-1)?.data.reason);
  return { ...parts, heartbeats, open, inMs, byes };
}

describe('a stream with a token', () => {
  it('ends with `bye` around the end of its token', async () => {
    const { byes, clock, heartbeats, inMs, open, sessions } = withTokens();
    open({ expiresAt: inMs(100_000) });
    const forever = open({});
    await clock.advance(89_000);
    expect(sessions.size).toBe(2);
    await clock.advance(12_000);
    expect(byes()).toEqual(['token_expired']);
    expect([...sessions.all()]).toEqual([forever]);
    heartbeats.close();
  });

  it('ends with the newer one that it was given', async () => {
    const { byes, clock, heartbeats, inMs, open, sessions } = withTokens();
    const session = open({ expiresAt: inMs(10_000) });
    await clock.advance(8_000);
    sessions.renew(session, { id: 'ann', isAnonymous: false, expiresAt: inMs(100_000) });
    await clock.advance(80_000);
    expect(sessions.size).toBe(1);
    await clock.advance(21_000);
    expect(byes()).toEqual(['token_expired']);
    expect(() => sessions.renew(session, { id: 'ann', isAnonymous: false })).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
    heartbeats.close();
  });

  it('ends with a shorter one by which it has joined a channel', async () => {
    const { byes, clock, heartbeats, inMs, open, sessions } = withTokens();
    const session = open({ expiresAt: inMs(100_000) });
    sessions.endWith(session, {});
    sessions.endWith(session, { expiresAt: inMs(200_000) });
    sessions.endWith(session, { expiresAt: inMs(10_000) });
    await clock.advance(9_000);
    expect(sessions.size).toBe(1);
    await clock.advance(2_000);
    expect(byes()).toEqual(['token_expired']);
    heartbeats.close();
  });

  it('ends with thousands of others at different times', async () => {
    const { clock, heartbeats, inMs, open, sessions } = withTokens();
    const expiresAt = inMs(3_600_000);
    for (let many = 0; many < 3_000; many++) open({ expiresAt });
    await clock.advance(3_600_000 - 60_000 - 500);
    expect(sessions.size).toBe(3_000);
    let before = sessions.size;
    for (let seconds = 0; seconds < 61; seconds++) {
      await clock.advance(1_000);
      expect(before - sessions.size).toBeLessThan(150);
      before = sessions.size;
    }
    expect(sessions.size).toBe(0);
    heartbeats.close();
  });
});

describe('the streams of a member', () => {
  it('may be changed by this member alone', () => {
    const { heartbeats, open } = withTokens();
    const known = open({ id: 'anonymous-1', isNew: false });
    const made = open({ id: 'anonymous-2', isNew: true });
    const by = (id: string, isNew?: boolean) => ({ id, isNew });
    expect(known.mayBeChangedBy(by('anonymous-1'))).toBe(true);
    expect(known.mayBeChangedBy(by('anonymous-2'))).toBe(false);
    expect(known.mayBeChangedBy(by('anonymous-3', true))).toBe(false);
    expect(made.mayBeChangedBy(by('anonymous-2', false))).toBe(true);
    expect(made.mayBeChangedBy(by('anonymous-1', false))).toBe(false);
    // A client that keeps no cookie is another member each time.
    expect(made.mayBeChangedBy(by('anonymous-3', true))).toBe(true);
    heartbeats.close();
  });
});
