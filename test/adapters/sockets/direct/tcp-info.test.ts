import { TcpInfo } from '../../../../adapters/sockets/direct/tcp-info';
import { type Libc, loadLibc } from '../../../../runtime/libc';

interface Fields {
  readonly roundTripUs: number;
  readonly leastUs: number;
  readonly unsentBytes?: number;
  readonly lastSentMs?: number;
}

/** The lag that is read from a kernel whose `struct tcp_info` has these fields. */
function lagOf(fields: Fields, bytes = 152): number {
  const getsockopt: Libc['getsockopt'] = (_file, _level, _name, info, length) => {
    info.writeUInt32LE(fields.lastSentMs ?? 0, 44);
    info.writeUInt32LE(fields.roundTripUs, 68);
    info.writeUInt32LE(fields.unsentBytes ?? 0, 144);
    info.writeUInt32LE(fields.leastUs, 148);
    length.writeInt32LE(bytes);
    return 0;
  };
  return new TcpInfo({ ...loadLibc(), getsockopt }).lagOf(5);
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('the lag of a connection', () => {
  it('is the time in which a peer nearby reads what it is sent', () => {
    expect(lagOf({ roundTripUs: 16_500, leastUs: 500 })).toBe(16);
  });

  it('is 0 for a distant peer, whatever its round trip, while nothing is unsent', () => {
    expect(lagOf({ roundTripUs: 180_000, leastUs: 60_000, lastSentMs: 40 })).toBe(0);
  });

  it('is the time since the last bytes left, or the round trip, while bytes are unsent', () => {
    const far = { leastUs: 60_000, unsentBytes: 1 };
    expect(lagOf({ ...far, roundTripUs: 180_000, lastSentMs: 40 })).toBe(180);
    expect(lagOf({ ...far, roundTripUs: 180_000, lastSentMs: 3_000 })).toBe(3_000);
  });

  it('is 0 on a kernel that does not report all of it, and on a closed descriptor', () => {
    expect(lagOf({ roundTripUs: 16_500, leastUs: 500 }, 104)).toBe(0);
    expect(new TcpInfo(loadLibc()).lagOf(-1)).toBe(0);
  });
});
