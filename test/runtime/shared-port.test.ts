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

  async function listenOn(port: number, taken: () => void, host?: string): Promise<void> {
    const server = createServer((socket) => {
      taken();
      socket.destroy();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(sharePort(port, libc, host), 64, resolve));
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

  it.each([
    ['127.0.0.2', '127.0.0.1'],
    ['::1', '127.0.0.1'],
    ['::ffff:127.0.0.2', '127.0.0.1'],
  ])('is that of %s alone, if only this address is named', async (host, other) => {
    const { close, port } = reservePort(0, libc, host);
    let taken = 0;
    await listenOn(port, () => taken++, host);
    await visit(port, host);
    await expect(visit(port, other)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(taken).toBe(1);
    close();
  });

  it('names an address that the machine does not have', () => {
    expect(() => reservePort(0, libc, '192.0.2.1')).toThrow('port 0 of 192.0.2.1 cannot be bound');
  });

  it('is taken for other programs', async () => {
    const { close, port } = reservePort(0, libc);
    await listenOn(port, () => {});
    expect(() => reservePort(port, libc)).toThrow(`port ${port} is taken`);
    close();
    expect(() => reservePort(port, libc)).toThrow(`port ${port} is taken`);
  });
});
