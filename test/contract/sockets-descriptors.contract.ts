import { spawnSync } from 'node:child_process';
import { adoptedOf, BYE, endedBytesOf, FRAME, type Use } from './sockets-support';
import { realTime } from './time';

/** Descriptors, which the kernel reuses as soon as they are closed. */
export function describeDescriptors(use: Use): void {
  it('never confuses a viewer with the one whose descriptor it has now', async () => {
    const { connect, fixture } = use();
    for (let round = 0; round < 20; round++) {
      const closed = await connect();
      fixture.sockets.close(closed.viewer, round % 2 ? BYE : undefined);
      closed.client.reset();
      const next = await connect();
      expect(next.viewer).not.toBe(closed.viewer);
      fixture.sockets.send(Int32Array.of(closed.viewer), BYE);
      fixture.sockets.close(closed.viewer, BYE);
      fixture.sockets.send(Int32Array.of(next.viewer), FRAME);
      await realTime.eventually(() => expect(next.client.body).toEqual(FRAME.chunked));
      expect(fixture.gone).toEqual([]);
      fixture.sockets.close(next.viewer);
    }
    await realTime.eventually(async () => expect(await fixture.open()).toBe(0));
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('are not inherited by a process that starts meanwhile', async () => {
    const { connect } = use();
    await connect();
    const { stdout } = spawnSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' });
    expect(stdout).toContain('/proc/');
    // Node's own pipes to a child are sockets, one a standard stream.
    expect(stdout.match(/socket:/g) ?? []).toHaveLength(3);
  });
}

/** The end of all connections. */
export function describeEnd(use: Use): void {
  it('ends every connection, and sends the last frame of those that are closing', async () => {
    const { connect, fixture } = use();
    const [closed, open] = [await connect(), await connect()];
    fixture.sockets.close(closed.viewer, BYE);
    await fixture.sockets.end();
    expect(await fixture.open()).toBe(0);
    for (const { client } of [closed, open]) {
      await realTime.eventually(() => expect(client.isOver).toBe(true));
    }
    expect(closed.client.body).toEqual(endedBytesOf([BYE]));
    expect(open.client.body).toEqual(endedBytesOf([]));
    expect(fixture.gone).toEqual([]);
  });

  it('adopts no connection afterwards', async () => {
    const { fixture, raw } = use();
    await fixture.sockets.end();
    await expect(adoptedOf(fixture, raw())).rejects.toMatchObject({ code: 'draining' });
  });
}
