import { Client, type ClientPlan } from '../../../tools/bench/client';
import { Crew } from '../../../tools/bench/crew';
import { SseServer } from '../../../tools/bench/sse-server';
import type { Post } from '../../../tools/bench/target';
import { eventually } from '../../end-to-end/api';

const crew = new Crew();
const servers: SseServer[] = [];

/** Ends all clients and servers of a test file. */
export async function endAll(): Promise<void> {
  await crew.endAll();
  await Promise.all(servers.map((server) => server.end()));
}

/** A client that watches a server of this process. */
export async function watch(
  chunked: boolean,
  plan: Partial<ClientPlan> = {},
  { status = 200, likesAPost = 1, post = {} as Partial<Post> } = {},
) {
  const server = new SseServer(chunked, status);
  servers.push(server);
  const address = await server.listen();
  const target = { ...address, post: { ...address.post, likes: likesAPost, ...post } };
  const client = new Client(crew, { viewers: 1, ...plan, target });
  client.connect(plan.viewers ?? 1);
  return { client, server };
}

export async function streamsOf(server: SseServer, count = 1) {
  await eventually(async () => expect(server.streams).toHaveLength(count));
  return server.streams;
}

/** All that the client measured until so many frames. */
export async function marked(client: Client, frames: number) {
  let last = await client.mark();
  const [latency, oldest] = [[...last.latency], [...last.oldest]];
  const commentAges = [...last.commentAges];
  await eventually(async () => {
    last = await client.mark();
    latency.push(...last.latency);
    oldest.push(...last.oldest);
    commentAges.push(...last.commentAges);
    expect(last.frames).toBeGreaterThanOrEqual(frames);
  });
  return { ...last, latency, oldest, commentAges };
}

export function likes(total: number, news: number, t = Date.now(), video = 'a'): string {
  const reactions = `{"like":${total}}`;
  const counts = `"total":${total},"reactions":${reactions},"new":${news},"t":${t}`;
  const data = `{"channel":"video:${video}",${counts}}`;
  return `event: likes\ndata: ${data}\nid: video:${video}/${total}\n\n`;
}

export const SNAPSHOT =
  'event: snapshot\ndata: {"channel":"video:a","total":40,"reactions":{}}\nid: video:a/40\n\n';
