import type { z } from 'zod';
import type { ServiceClient } from '../runtime/service-client';
import {
  type Joined,
  joined,
  type Membership,
  type Renewal,
  type Renewed,
  renewed,
} from '../schemas/delivery';
import { LikestreamError } from '../schemas/errors';
import type { Subscriptions } from './subscriptions';

/** Subscribing through dispatchers in other processes, each call through the next one. */
export class HttpSubscriptions implements Subscriptions {
  private turn = 0;

  constructor(
    private readonly client: ServiceClient,
    /** The doors of the dispatchers that live. */
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
    this.turn += 1;
    const url = urls[this.turn % urls.length];
    if (url === undefined) throw new LikestreamError('peer_unavailable', 'no dispatcher is there');
    try {
      return await this.client.post(`${url}/${path}`, body, shape);
    } catch (error) {
      throw new LikestreamError('peer_unavailable', url, { cause: error });
    }
  }
}
