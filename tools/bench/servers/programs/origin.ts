import { createServer } from 'node:http';

/** What Pushpin asks about each subscriber: it says which channel to hold the stream on. */
createServer((req, res) => {
  res.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Grip-Hold': 'stream',
    'Grip-Channel': new URL(req.url ?? '/', 'http://origin').searchParams.get('id') ?? 'none',
  });
  res.end(':\n\n');
}).listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4_096 });
