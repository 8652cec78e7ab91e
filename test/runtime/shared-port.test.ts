import { connect, createServer, type Server } from 'node:net';
import { type Libc, loadLibc } from '../../runtime/libc';
import { reservePort, sharePort } from '../../runtime/shared-port';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('a port that processes share', () => {
  const servers: Server[] = [];
  let libc: Libc;
  beforeAll(() => {
    libc = loadLibc();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  async function listenOn(port: number, taken: () => void): Promise<void> {
    const server = createServer((socket) => {
      taken();
      socket.destroy();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(sharePort(port, libc), 64, resolve));
  }

  function visit(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      connect(port, host)
        .on('error', reject)
        .on('close', () => resolve())
        .resume();
    });
  }

  it('is a free one for port 0, and refuses connections until a process listens', async () => {
    const { close, port } = reservePort(0, libc);
    expect(port).toBeGreaterThan(0);
    await expect(visit(port, '127.0.0.1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    close();
  });

  it('has each connection accepted by one of the listening processes', async () => {
    const { close, port } = reservePort(0, libc);
    const taken = [0, 0];
    for (const at of taken.keys()) {
      await listenOn(port, () => {
        taken[at] = (taken[at] ?? 0) + 1;
      });
    }
    for (let visits = 0; visits < 64; visits++) await visit(port, '127.0.0.1');
    for (const count of taken) expect(count).toBeGreaterThan(0);
    expect(taken.reduce((all, count) => all + count)).toBe(64);
    close();
  });

  it('is taken for other programs', async () => {
    const { close, port } = reservePort(0, libc);
    await listenOn(port, () => {});
    expect(() => reservePort(port, libc)).toThrow(`port ${port} is taken`);
    close();
    expect(() => reservePort(port, libc)).toThrow(`port ${port} is taken`);
  });
});
