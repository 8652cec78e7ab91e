import type { Worker } from '../../schemas/delivery';
import { asLikestreamError } from '../../schemas/errors';
import type { Names } from '../../schemas/names';
import type { Lease, Leases } from '../leases';
import type { Codes } from './codes';
import type { RedisCommands } from './commands';
import { HELD_MS } from './expiry';
import { Keys } from './keys';
import { REMOVE_LEASE, RENEW } from './scripts';

/** `BEAT CODE URL` */
const LEASE = /^(\d+) (\S+) (.*)$/s;

/**
 * The leases in one hash of Redis, so that one command reads all. A lease has the code of its id
 * and address: nothing is sent to an address that a process without the secret has written.
 */
export class RedisLeases implements Leases {
  private readonly key: string;

  constructor(
    private readonly redis: RedisCommands,
    names: Pick<Names, 'keyPrefix'>,
    private readonly codes: Codes,
  ) {
    this.key = new Keys(names).leases;
  }

  async renew({ id, url }: Worker, beat: number): Promise<void> {
    const lease = `${this.codes.sign('lease', [id, url])} ${url}`;
    await ask(() => RENEW.run(this.redis, [this.key], [id, beat, lease, HELD_MS]));
  }

  async all(): Promise<readonly Lease[]> {
    const leases = await ask(() => this.redis.hgetall(this.key));
    return Object.entries(leases).flatMap(([id, text]) => {
      const [, beat, code = '', url = ''] = LEASE.exec(text) ?? [];
      const isOurs = beat !== undefined && this.codes.isSigned(code, 'lease', [id, url]);
      return isOurs ? [{ worker: { id, url }, beat: Number(beat) }] : [];
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
