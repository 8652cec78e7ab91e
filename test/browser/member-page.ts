import { z } from 'zod';
import type { Engine } from './engines/engine';

/**
 * How a page says who its member is: it starts a session, has the cookie of an earlier one, or
 * passes the token in the query.
 */
export type Way = 'session' | 'cookie' | 'query';

const seen = z.object({
  /** The status of `POST /session`, and of the page's like. */
  session: z.int().optional(),
  like: z.int().optional(),
  errors: z.array(z.string()),
  events: z.array(
    z.object({
      name: z.string(),
      id: z.string(),
      data: z.looseObject({ reason: z.string().optional(), total: z.int().optional() }),
    }),
  ),
});

export type Seen = z.infer<typeof seen>;

const START = `
  const seen = window.seen = { errors: [], events: [] };
  const note = (error) => seen.errors.push(String(error));
  const call = (path, options) =>
    fetch(given.service + path, { method: 'POST', credentials: 'include', ...options })
      .then((answer) => answer.status);
  const headers = { Authorization: 'Bearer ' + given.token };
  window.likeOnce = () => {
    const options = given.way === 'query' ? { headers } : {};
    call('/videos/' + given.video + '/likes', options).then((it) => { seen.like = it; }, note);
  };
  const watch = () => {
    const query = given.way === 'query' ? '&access_token=' + given.token : '';
    const url = given.service + '/stream?channel=video:' + given.video + query;
    const source = new EventSource(url, { withCredentials: given.way !== 'query' });
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) note('closed'); };
    for (const name of ['ready', 'snapshot', 'likes', 'bye']) {
      source.addEventListener(name, ({ data, lastEventId }) =>
        seen.events.push({ name, id: lastEventId, data: JSON.parse(data) }));
    }
  };
  if (given.way !== 'session') watch();
  else call('/session', { headers }).then((it) => { seen.session = it; watch(); }).catch(note);
`;

/** A page of some site that watches a video of a service for a member, by a plain EventSource. */
export class MemberPage {
  constructor(private readonly engine: Engine) {}

  /** Opens the page and starts to watch. */
  async watch(
    page: string,
    given: { service: string; video: string; token: string; way: Way },
  ): Promise<void> {
    await this.engine.open(page);
    await this.engine.evaluate(`((given) => {${START}})(${JSON.stringify(given)})`);
  }

  /** Likes once, with the cookie, or with the token in a header. */
  async like(): Promise<void> {
    await this.engine.evaluate('likeOnce()');
  }

  async seen(): Promise<Seen> {
    return seen.parse(await this.engine.evaluate('window.seen'));
  }
}
