import { createServer } from 'node:http';

/** Pushpin's origin: answers for each subscriber with the channel of its stream. */
createServer((req, res) => {
  res.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Grip-Hold': 'stream',
    'Grip-Channel': new URL(req.url ?? '/', 'http://origin').searchParams.get('id') ?? 'none',
  });
  res.end(':\n\n');
}).listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4_096 });
