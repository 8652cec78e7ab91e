import { z } from 'zod';
import type { ServiceClient } from '../../runtime/services/service-client';
import { type FactList, factList } from '../../schemas/facts';
import type { FactReader } from '../fact-store';

const answer = z.object({ facts: factList.optional() });

/** Reads the facts from the primary of this process tree. */
export class HttpFacts implements FactReader {
  constructor(
    private readonly client: ServiceClient,
    /** The URL of the primary's server for calls between services. */
    private readonly url: string,
  ) {}

  async read(seen?: string): Promise<FactList | undefined> {
    return (await this.client.post(`${this.url}/facts`, { seen }, answer)).facts;
  }
}
