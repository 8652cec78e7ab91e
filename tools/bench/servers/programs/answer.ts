import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const CREATED = 201;

/** What a bare server does with the parsed body of a POST. */
export type Answer = (body: unknown, req: IncomingMessage, res: ServerResponse) => void;

/** Parses the JSON of each POST and calls `answer`: the least that a server of likes must do. */
export function serveJson(port: number, answer: Answer): void {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => answer(JSON.parse(String(Buffer.concat(chunks))), req, res));
  });
  server.requestTimeout = 0;
  server.listen({ port, host: '127.0.0.1', backlog: 4_096 });
}

/** Ends an answer with JSON. */
export function created(res: ServerResponse, json: string): void {
  const length = Buffer.byteLength(json);
  res
    .writeHead(CREATED, { 'Content-Type': 'application/json', 'Content-Length': length })
    .end(json);
}
