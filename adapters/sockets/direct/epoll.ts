import type { Clock, Timer } from '../../../runtime/clock';
import type { Libc, Watch } from '../../../runtime/libc';
import type { Viewer } from '../../viewer-sockets';

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 0x1;
const EPOLLOUT = 0x4;
const EPOLLERR = 0x8;
const EPOLLHUP = 0x10;
const EPOLLRDHUP = 0x2000;
const EPOLLET = 0x80000000;

const INTEREST = (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) >>> 0;

const EVENTS_A_TURN = 1_024;

/** `struct epoll_event` is packed on x64 alone. */
const [EVENT_BYTES, DATA_AT] = process.arch === 'x64' ? [12, 4] : [16, 8];

/** The state of a viewer's connection, as the kernel reports it. */
export interface Readiness {
  /** The connection has ended, or the peer has ended its side. */
  readonly isOver: boolean;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
}

/**
 * Reports changes of connections. It is edge-triggered: each connection is registered once, and a
 * full one is reported when its buffer has room. Node's event loop watches the descriptor of epoll
 * itself, so no code runs without events.
 */
export class Epoll {
  private readonly file: number;
  private readonly watch: Watch;
  private readonly events = Buffer.alloc(EVENTS_A_TURN * EVENT_BYTES);
  private readonly event = Buffer.alloc(EVENT_BYTES);
  private turn: Timer | undefined;

  constructor(
    private readonly libc: Libc,
    clock: Clock,
    private readonly onReadiness: (viewer: Viewer, readiness: Readiness) => void,
  ) {
    this.file = libc.epoll_create1(EPOLL_CLOEXEC);
    if (this.file < 0) throw new Error(`no epoll: errno ${libc.errno()}`);
    // koffi calls back outside Node's callback scope, so the work runs in its own turn.
    this.watch = libc.watch(this.file, () => {
      this.turn ??= clock.after(0, () => this.poll());
    });
    this.watch.unref();
  }

  /** Reports a connection from now on, until its descriptor is closed; false on failure. */
  add(file: number, viewer: Viewer): boolean {
    this.event.writeUInt32LE(INTEREST, 0);
    this.event.writeInt32LE(viewer, DATA_AT);
    return this.libc.epoll_ctl(this.file, EPOLL_CTL_ADD, file, this.event) === 0;
  }

  close(): void {
    this.turn?.cancel();
    this.watch.close();
    this.libc.close(this.file);
  }

  // One batch a turn, so that many closed connections do not delay other work. The event loop calls
  // again for the rest.
  private poll(): void {
    this.turn = undefined;
    const count = this.libc.epoll_wait(this.file, this.events, EVENTS_A_TURN, 0);
    for (let at = 0; at < count * EVENT_BYTES; at += EVENT_BYTES) {
      const flags = this.events.readUInt32LE(at);
      this.onReadiness(this.events.readInt32LE(at + DATA_AT), {
        isOver: (flags & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) !== 0,
        isReadable: (flags & EPOLLIN) !== 0,
        isWritable: (flags & EPOLLOUT) !== 0,
      });
    }
  }
}
