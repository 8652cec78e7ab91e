import type { z } from 'zod';
import type { ServiceClient } from '../../runtime/services/service-client';
import {
  type Joined,
  joined,
  type Membership,
  type Renewal,
  type Renewed,
  renewed,
} from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { Subscriptions } from '../subscriptions';

/** Dispatchers that one call tries; the caller repeats a failed call later. */
const MAX_TRIES = 3;

/** Calls dispatchers in other processes: another one for each call, and after a failure. */
export class HttpSubscriptions implements Subscriptions {
  private turn = 0;

  constructor(
    private readonly client: ServiceClient,
    /** The URLs of the live dispatchers. */
    private readonly dispatchers: () => Promise<readonly string[]>,
  ) {}

  renew(renewal: Renewal): Promise<Renewed> {
    return this.post('renewals', renewal, renewed);
  }

  change(membership: Membership): Promise<Joined> {
    return this.post('memberships', membership, joined);
  }

  private async post<T>(path: string, body: object, shape: z.ZodType<T>): Promise<T> {
    const urls = await this.dispatchers().catch(() => []);
    let failure: unknown;
    for (let tries = Math.min(urls.length, MAX_TRIES); tries > 0; tries--) {
      this.turn += 1;
      const url = urls[this.turn % urls.length];
      try {
        return await this.client.post(`${url}/${path}`, body, shape);
      } catch (error) {
        failure = error;
      }
    }
    throw new LikestreamError('peer_unavailable', 'no dispatcher answers', { cause: failure });
  }
}
