import type { Redis } from 'ioredis';
import type { Worker } from '../../schemas/delivery';
import { asLikestreamError } from '../../schemas/errors';
import type { Names } from '../../schemas/names';
import type { Lease, Leases } from '../leases';
import { HELD_MS } from './expiry';
import { Keys } from './keys';
import { REMOVE_LEASE, RENEW } from './scripts';

/** `BEAT URL` */
const LEASE = /^(\d+) (.*)$/s;

/** The leases in one hash of Redis, so that one command reads all. */
export class RedisLeases implements Leases {
  private readonly key: string;

  constructor(
    private readonly redis: Redis,
    names: Pick<Names, 'keyPrefix'>,
  ) {
    this.key = new Keys(names).leases;
  }

  async renew({ id, url }: Worker, beat: number): Promise<void> {
    await ask(() => RENEW.run(this.redis, [this.key], [id, beat, url, HELD_MS]));
  }

  async all(): Promise<readonly Lease[]> {
    const leases = await ask(() => this.redis.hgetall(this.key));
    return Object.entries(leases).flatMap(([id, text]) => {
      const [, beat, url = ''] = LEASE.exec(text) ?? [];
      return beat === undefined ? [] : [{ worker: { id, url }, beat: Number(beat) }];
    });
  }

  async remove(id: string, beat: number | undefined): Promise<void> {
    if (beat === undefined) return;
    await ask(() => REMOVE_LEASE.run(this.redis, [this.key], [id, beat]));
  }
}

async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw asLikestreamError(error, 'directory_unavailable');
  }
}
