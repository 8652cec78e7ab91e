import { Agent, request } from 'undici';
import type { z } from 'zod';
import { asLikestreamError, LikestreamError } from '../schemas/errors';
import { SECRET_HEADER } from './service-secret';

const CALL_MS = 2_000;
const CONNECTIONS_PER_ORIGIN = 4;

/** Calls other services: JSON with the shared secret, over persistent connections. */
export class ServiceClient {
  private readonly agent = new Agent({
    connections: CONNECTIONS_PER_ORIGIN,
    headersTimeout: CALL_MS,
    bodyTimeout: CALL_MS,
    connectTimeout: CALL_MS,
  });

  constructor(private readonly secret: string) {}

  /** Posts `body`, and parses the answer; rejects with `not_found` or `peer_unavailable`. */
  post<T>(url: string, body: object, shape: z.ZodType<T>): Promise<T> {
    return this.postJson(url, JSON.stringify(body), shape);
  }

  /** As `post`, of a body that is JSON already. */
  async postJson<T>(url: string, body: string, shape: z.ZodType<T>): Promise<T> {
    try {
      const answer = await request(url, {
        method: 'POST',
        dispatcher: this.agent,
        headers: { [SECRET_HEADER]: this.secret, 'content-type': 'application/json' },
        body,
      });
      const text = await answer.body.text();
      if (answer.statusCode === 404) throw new LikestreamError('not_found', url);
      if (answer.statusCode !== 200) {
        throw new LikestreamError('peer_unavailable', `${answer.statusCode} from ${url}`);
      }
      return shape.parse(JSON.parse(text));
    } catch (error) {
      throw asLikestreamError(error, 'peer_unavailable');
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}
