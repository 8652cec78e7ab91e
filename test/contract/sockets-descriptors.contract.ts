import { spawnSync } from 'node:child_process';
import { adoptedOf, BYE, FRAME, type Use } from './sockets-support';
import { realTime } from './time';

/** Descriptors, which the kernel gives out again as soon as they are closed. */
export function describeDescriptors(use: Use): void {
  it('never takes a viewer for the one whose descriptor it has now', async () => {
    const { connect, part } = use();
    for (let round = 0; round < 20; round++) {
      const closed = await connect();
      part.sockets.close(closed.viewer, round % 2 ? BYE : undefined);
      closed.client.reset();
      const next = await connect();
      expect(next.viewer).not.toBe(closed.viewer);
      part.sockets.send(Int32Array.of(closed.viewer), BYE);
      part.sockets.close(closed.viewer, BYE);
      part.sockets.send(Int32Array.of(next.viewer), FRAME);
      await realTime.eventually(() => expect(next.client.body).toEqual(FRAME));
      expect(part.gone).toEqual([]);
      part.sockets.close(next.viewer);
    }
    await realTime.eventually(async () => expect(await part.open()).toBe(0));
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('leaves none to a process that is started meanwhile', async () => {
    const { connect } = use();
    await connect();
    const { stdout } = spawnSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' });
    expect(stdout).toContain('/proc/');
    // Node's own pipes to a child are sockets, one a standard stream.
    expect(stdout.match(/socket:/g) ?? []).toHaveLength(3);
  });
}

/** The end of the part. */
export function describeEnd(use: Use): void {
  it('lets go of every connection, those that are being closed with their last frame', async () => {
    const { connect, part } = use();
    const [closed, open] = [await connect(), await connect()];
    part.sockets.close(closed.viewer, BYE);
    await part.sockets.end();
    expect(await part.open()).toBe(0);
    for (const { client } of [closed, open]) {
      await realTime.eventually(() => expect(client.isOver).toBe(true));
    }
    expect(closed.client.body).toEqual(BYE);
    expect(part.gone).toEqual([]);
  });

  it('takes nobody after that', async () => {
    const { part, raw } = use();
    await part.sockets.end();
    await expect(adoptedOf(part, raw())).rejects.toMatchObject({ code: 'draining' });
  });
}
