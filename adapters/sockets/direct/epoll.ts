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

/** What the kernel says of a viewer's connection. */
export interface Readiness {
  /** It is over, or its peer sends no more. */
  readonly isOver: boolean;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
}

/**
 * Tells what becomes of connections. Edge-triggered, so that each is registered once and a full one
 * is told of when it has room; its own descriptor is watched by Node's event loop, so nothing runs
 * while nothing happens.
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
    // koffi calls outside Node's callback scope: the work has to have a turn of its own.
    this.watch = libc.watch(this.file, () => {
      this.turn ??= clock.after(0, () => this.poll());
    });
    this.watch.unref();
  }

  /** Tells of a connection from now on, until its descriptor is closed; false where it cannot. */
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

  // One batch a turn: many leaving at once hold nobody up. What is left wakes the loop again.
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
