import type { Socket } from 'node:net';
import type { Clock } from '../clock';
import type { LimitName } from './catalogue';
import { clientAddress } from './client-address';
import { Held } from './held';

/** The part of the connections that are closed at once when there are too many. */
const CLOSED_PART = 0.2;

/** Connections are looked through at most once in this time. */
const SWEEP_MS = 200;

/** For what a connection waits: the rest of a request, or the next one. */
export type Waiting = 'unfinished' | 'idle';

/** What is known of a connection. */
export interface Connection {
  /** Undefined while it has a complete request in flight, as each stream has. */
  readonly waits: Waiting | undefined;
  /** Grows with the time since when it waits. */
  readonly since: number;
}

export interface ConnectionLimitOptions {
  /** The most connections of the process. */
  readonly most: number;
  /** Connections that the server no longer has, and that are open all the same. */
  readonly elsewhere?: (() => number) | undefined;
  /** The most connections of an address; they are not counted if not given. */
  readonly mostOfAddress?: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Called with the number of connections that were closed. */
  readonly limited: (limit: LimitName, count: number) => void;
}

/**
 * Bounds the connections of a server, so that descriptors are left for all else. When there are too
 * many, those that wait are closed: those without a complete request first, then idle ones, and of
 * each kind those first that wait longest. So a new request gets in beside any number of silent
 * connections.
 */
export class ConnectionLimit {
  private readonly byAddress = new Held();
  private sweptAt = -Infinity;

  constructor(private readonly options: ConnectionLimitOptions) {}

  /** Whether a new connection may stay. Destroys others of the server if there are too many. */
  admit(socket: Socket, others: ReadonlyMap<Socket, Connection>): boolean {
    const { elsewhere = () => 0, limited, most } = this.options;
    if (!this.hasRoomForAddress(socket)) return false;
    if (others.size + elsewhere() >= most && !this.makeRoom(others)) {
      limited('connections', 1);
      return false;
    }
    this.count(socket);
    return true;
  }

  private hasRoomForAddress(socket: Socket): boolean {
    const { limited, mostOfAddress } = this.options;
    const address = mostOfAddress && addressOf(socket);
    if (!mostOfAddress || !address || this.byAddress.of(address) < mostOfAddress) return true;
    limited('connections_of_address', 1);
    return false;
  }

  private count(socket: Socket): void {
    const address = this.options.mostOfAddress && addressOf(socket);
    if (!address) return;
    this.byAddress.add(address);
    socket.once('close', () => this.byAddress.add(address, -1));
  }

  /** Closes those that wait longest; false if there are none, or it has just looked. */
  private makeRoom(others: ReadonlyMap<Socket, Connection>): boolean {
    const { clock, limited, most } = this.options;
    const now = clock.monotonic();
    if (now - this.sweptAt < SWEEP_MS) return false;
    this.sweptAt = now;
    const closed = longestWaiting(others, Math.max(1, Math.floor(most * CLOSED_PART)));
    for (const socket of closed) socket.destroy();
    if (closed.length > 0) limited('connections', closed.length);
    return closed.length > 0;
  }
}

function addressOf({ remoteAddress }: Socket): string | undefined {
  return clientAddress(remoteAddress, undefined, 0);
}

function longestWaiting(all: ReadonlyMap<Socket, Connection>, most: number): readonly Socket[] {
  const waiting = { unfinished: [] as [Socket, number][], idle: [] as [Socket, number][] };
  for (const [socket, { since, waits }] of all) if (waits) waiting[waits].push([socket, since]);
  const { idle, unfinished } = waiting;
  for (const each of [unfinished, idle]) each.sort(([, one], [, other]) => one - other);
  return [...unfinished, ...idle].slice(0, most).map(([socket]) => socket);
}
