import type { Redis } from 'ioredis';
import type { Worker } from '../schemas/delivery';
import { asLikestreamError } from '../schemas/errors';
import { type Directory, LEASE_MS, ownerOf } from './directory';

/** Who is remembered for while Redis is away, channels; those looked up longest ago are let go. */
const MAX_REMEMBERED = 50_000;

/**
 * Who watches what, in Redis: `lease:ID` with an expiry, `subs:CHANNEL` and `held:ID` as sets. A
 * worker whose lease has ended is taken out of a set when it is met there.
 */
export class RedisDirectory implements Directory {
  private readonly lastKnown = new Map<string, readonly Worker[]>();

  constructor(private readonly redis: Redis) {}

  async renew({ id, url }: Worker): Promise<void> {
    await this.ask(() =>
      this.redis
        .multi()
        .set(lease(id), url, 'PX', LEASE_MS)
        .pexpire(held(id), LEASE_MS * 2)
        .exec(),
    );
  }

  async change(id: string, join: readonly string[], leave: readonly string[]): Promise<void> {
    const change = this.redis.multi();
    for (const channel of leave) change.srem(subs(channel), id);
    if (leave.length > 0) change.srem(held(id), ...leave);
    for (const channel of join) change.sadd(subs(channel), id);
    if (join.length > 0) change.sadd(held(id), ...join);
    change.pexpire(held(id), LEASE_MS * 2);
    await this.ask(() => change.exec());
  }

  async watching(channels: readonly string[]): Promise<readonly (readonly Worker[])[]> {
    try {
      return await this.lookUp(channels);
    } catch (error) {
      const known = channels.map((channel) => this.lastKnown.get(channel));
      if (known.some((workers) => workers === undefined)) {
        throw asLikestreamError(error, 'directory_unavailable');
      }
      return known.map((workers) => workers ?? []);
    }
  }

  async held(id: string): Promise<readonly string[]> {
    return this.ask(() => this.redis.smembers(held(id)));
  }

  private async lookUp(channels: readonly string[]): Promise<(readonly Worker[])[]> {
    const ids = await Promise.all(channels.map((channel) => this.watchers(channel)));
    const all = [...new Set(ids.flat())];
    const urls = all.length > 0 ? await this.redis.mget(all.map(lease)) : [];
    const live = new Map<string, Worker>();
    for (const [at, id] of all.entries()) {
      const url = urls[at];
      if (url !== null && url !== undefined) live.set(id, { id, url });
    }
    return channels.map((channel, at) => {
      const theirs = ids[at] ?? [];
      for (const id of theirs) if (!live.has(id)) this.forget(channel, id);
      const workers = theirs.map((id) => live.get(id)).filter((worker) => worker !== undefined);
      this.remember(channel, workers);
      return workers;
    });
  }

  private async watchers(channel: string): Promise<readonly string[]> {
    const owner = ownerOf(channel);
    return owner === undefined ? this.redis.smembers(subs(channel)) : [owner];
  }

  // Out of both sets: a worker that comes back to life finds its digest unequal and joins again.
  private forget(channel: string, id: string): void {
    const change = this.redis.multi().srem(subs(channel), id).srem(held(id), channel);
    change.exec().catch(() => undefined);
  }

  private remember(channel: string, workers: readonly Worker[]): void {
    this.lastKnown.delete(channel);
    this.lastKnown.set(channel, workers);
    for (const oldest of this.lastKnown.keys()) {
      if (this.lastKnown.size <= MAX_REMEMBERED) return;
      this.lastKnown.delete(oldest);
    }
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw asLikestreamError(error, 'directory_unavailable');
    }
  }
}

function lease(id: string): string {
  return `lease:${id}`;
}

function subs(channel: string): string {
  return `subs:${channel}`;
}

function held(id: string): string {
  return `held:${id}`;
}
