import { Cluster, type Redis } from 'ioredis';
import { systemClock as clock, type Timer } from '../../runtime/clock';
import type { RedisCommands } from './commands';
import { CONNECT_MS, connectTo, MAX_RECONNECT_MS } from './connection';
import { diagnose } from './diagnosis';
import { withoutArguments } from './explain';
import { watchConnections } from './nodes';
import type { RedisServers } from './servers';

/**
 * Redis: one server, a Cluster, or the primary that Sentinels name. Its commands fail at once while
 * it is unavailable, and it connects again by itself.
 */
export class RedisClient implements RedisCommands {
  private readonly native: Redis | Cluster;
  private readonly readyListeners: (() => void)[] = [];
  private readonly closedListeners: (() => void)[] = [];
  private hasRefusedDatabase = false;
  private isClosed = false;
  private reconnecting: Timer | undefined;

  constructor(private readonly servers: RedisServers) {
    this.native = connectTo(servers);
    watchConnections(this.native, {
      ready: () => {
        if (!this.hasRefusedDatabase) call(this.readyListeners);
      },
      closed: () => call(this.closedListeners),
    });
    this.native.on('end', () => this.connectAnew());
    this.native.on('connect', () => {
      this.hasRefusedDatabase = false;
    });
    this.native.on('error', (error: { readonly command?: { readonly name?: string } }) => {
      // One that times out has no command, and other errors before `ready` end the connection.
      const isSelect = error.command?.name === 'select' || this.native.status === 'connect';
      if (!isSelect) return;
      this.hasRefusedDatabase = true;
      this.connectAnew();
    });
  }

  /** Whether commands are sent. */
  get isReady(): boolean {
    return this.native.status === 'ready' && !this.hasRefusedDatabase;
  }

  /** Calls the listener whenever Redis, or a node, may have lost data, or is another one. */
  onReady(listener: () => void): void {
    this.readyListeners.push(listener);
  }

  /** Calls the listener whenever a connection has ended. */
  onClosed(listener: () => void): void {
    this.closedListeners.push(listener);
  }

  /** Resolves when Redis is ready; rejects with one line that says why it is not, if it is not. */
  async whenReady(): Promise<void> {
    if (!this.isReady) await this.readyOrClosed();
    if (!this.isReady) throw new Error(await this.trouble());
  }

  /** Why Redis is not ready, in one line with the setting to change. */
  trouble(): Promise<string> {
    return diagnose(this.servers);
  }

  /** What each node says about its memory; rejects if it may not be asked. */
  memory(): Promise<readonly string[]> {
    const nodes = this.native instanceof Cluster ? this.native.nodes('master') : [this.native];
    return Promise.all(nodes.map((node) => node.info('memory')));
  }

  hget(key: string, field: string): Promise<string | null> {
    return this.send(() => this.native.hget(key, field));
  }

  hgetall(key: string): Promise<Record<string, string>> {
    return this.send(() => this.native.hgetall(key));
  }

  smembers(key: string): Promise<string[]> {
    return this.send(() => this.native.smembers(key));
  }

  evalsha(sha1: string, keys: number, ...values: (string | number)[]): Promise<unknown> {
    return this.send(() => this.native.evalsha(sha1, keys, ...values));
  }

  eval(text: string, keys: number, ...values: (string | number)[]): Promise<unknown> {
    return this.send(() => this.native.eval(text, keys, ...values));
  }

  close(): void {
    this.isClosed = true;
    this.reconnecting?.cancel();
    this.native.disconnect();
  }

  /**
   * Connects anew after a second where ioredis does not. It gives a connection up when Sentinels
   * announce a failover while it asks one of them for the primary. It keeps a connection whose
   * database was refused, and uses database 0 on it.
   */
  private connectAnew(): void {
    if (this.isClosed) return;
    this.reconnecting?.cancel();
    this.reconnecting = clock.after(MAX_RECONNECT_MS, () => {
      // A failed attempt has its own retries, or ends in another `end`.
      if (this.native.status === 'end') this.native.connect().catch(() => undefined);
      else if (this.hasRefusedDatabase) this.native.disconnect(true);
    });
  }

  private async send<T>(send: () => Promise<T>): Promise<T> {
    if (!this.isReady) throw new Error('Redis is unavailable');
    try {
      return await send();
    } catch (error) {
      throw withoutArguments(error);
    }
  }

  /** Resolves when Redis is ready, could not be connected, or was not connected in time. */
  private async readyOrClosed(): Promise<void> {
    const { native } = this;
    if (!['connecting', 'connect'].includes(native.status)) return;
    await new Promise<void>((resolve) => {
      const timer = clock.after(CONNECT_MS, end);
      function end(): void {
        timer.cancel();
        for (const event of ['ready', 'close']) native.off(event, end);
        resolve();
      }
      for (const event of ['ready', 'close']) native.on(event, end);
    });
  }
}

/** A client of these servers, which connects at once. */
export function openRedis(servers: RedisServers): RedisClient {
  return new RedisClient(servers);
}

function call(listeners: readonly (() => void)[]): void {
  for (const listener of listeners) listener();
}
