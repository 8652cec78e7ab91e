import { z } from 'zod';
import type { ServiceClient } from '../../runtime/services/service-client';
import type { Update, Worker } from '../../schemas/delivery';
import { SharedUpdate } from '../../schemas/shared-update';
import type { DeliveryGateway } from '../delivery-gateway';

const received = z.object({});

/** Delivers updates to frontends in other processes, by POST requests. */
export class HttpGateway implements DeliveryGateway {
  /** The last list of updates, as JSON: most workers receive the same list. */
  private last: { readonly updates: readonly Update[]; readonly json: string } | undefined;

  constructor(private readonly client: Pick<ServiceClient, 'postJson'>) {}

  async deliver({ id, url }: Worker, updates: readonly Update[]): Promise<void> {
    const body = `{"to":${JSON.stringify(id)},"updates":[${this.jsonOf(updates)}]}`;
    await this.client.postJson(`${url}/deliveries`, body, received);
  }

  private jsonOf(updates: readonly Update[]): string {
    if (!this.last || !areSame(this.last.updates, updates)) {
      const json = updates.map((update) => SharedUpdate.of(update).json).join();
      this.last = { updates, json };
    }
    return this.last.json;
  }
}

/** Whether two lists have the same objects, in the same order. */
function areSame(some: readonly object[], others: readonly object[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false;
  return true;
}
