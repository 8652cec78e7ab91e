import { cInt, IPPROTO_TCP, type Libc, TCP_INFO } from '../../../runtime/libc';

// Where `struct tcp_info` has its fields; Linux only ever appends to it.
const LAST_DATA_SENT_AT = 44;
const ROUND_TRIP_AT = 68;
const UNSENT_BYTES_AT = 144;
const LEAST_ROUND_TRIP_AT = 148;
const INFO_BYTES = 152;

const US_PER_MS = 1_000;

/**
 * A peer whose fastest answer took no longer than this is on the same machine or network: a proxy.
 * Its kernel acknowledges bytes when the proxy reads them, after 40 ms at the latest, so a long
 * round trip means a busy proxy. A distant peer's means as little as its network's mood.
 */
const NEARBY_MS = 2;

/** Reads the kernel's measurements of connections; one buffer for all. */
export class TcpInfo {
  private readonly info = Buffer.alloc(INFO_BYTES);
  private readonly length = cInt(INFO_BYTES);

  constructor(private readonly libc: Libc) {}

  /** How long bytes wait on their way to the peer, ms; 0 if the kernel does not say. */
  lagOf(file: number): number {
    const { info, length } = this;
    length.writeInt32LE(INFO_BYTES);
    const isRead = this.libc.getsockopt(file, IPPROTO_TCP, TCP_INFO, info, length) === 0;
    if (!isRead || length.readInt32LE() < INFO_BYTES) return 0;
    const roundTripMs = info.readUInt32LE(ROUND_TRIP_AT) / US_PER_MS;
    const leastMs = info.readUInt32LE(LEAST_ROUND_TRIP_AT) / US_PER_MS;
    if (info.readUInt32LE(UNSENT_BYTES_AT) > 0) {
      return Math.max(roundTripMs, info.readUInt32LE(LAST_DATA_SENT_AT));
    }
    return leastMs <= NEARBY_MS ? Math.max(0, roundTripMs - leastMs) : 0;
  }
}
