import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { bodyOf } from './body';

/** The part of better-sse that the bench uses; only the bench installs it. */
interface BetterSse {
  createSession(req: IncomingMessage, res: ServerResponse): Promise<object>;
  createChannel(): {
    register(session: object): void;
    broadcast(data: unknown, eventName: string, options: { eventId: string }): void;
  };
}

const [, , port = '0', library = 'better-sse'] = process.argv;
const { createChannel, createSession }: BetterSse = require(library);
const channel = createChannel();

/** better-sse as its README shows it: a channel, and a broadcast to it. */
const server = createServer(async (req, res) => {
  if (req.method === 'POST') {
    const data = JSON.parse((await bodyOf(req)).toString());
    channel.broadcast(data, 'likes', { eventId: String(data.total) });
    res.writeHead(202, { 'Content-Length': 0 }).end();
    return;
  }
  channel.register(await createSession(req, res));
});
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4_096 });
