import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { ERRORS } from '../../schemas/errors';
import { type Answer, problemIn } from '../end-to-end/api';
import type { FuzzRequest } from './requests';

const ANSWER_MS = 30_000;
const CONNECTIONS = 32;

/** Sends requests to one server, and counts what came back, by status and code. */
export class Sending {
  readonly counts = new Map<string, number>();
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

  constructor(private readonly port: number) {}

  close(): void {
    this.agent.destroy();
  }

  /** Sends a request; throws unless its answer is one that clients can understand. */
  async send(sent: FuzzRequest): Promise<void> {
    const answer = await this.answerTo(sent);
    try {
      this.count(requireSane(answer, sent.method));
    } catch (cause) {
      const { body, ...head } = sent;
      const said = `${JSON.stringify(head)} ${body?.toString().slice(0, 500)}`;
      throw new Error(`${said} was answered with ${answer.status} ${answer.text}`, { cause });
    }
  }

  /** Sends bytes and ends; throws unless each answer, if there is one, is as above. */
  async sendBytes(bytes: string): Promise<void> {
    const text = await exchange(this.port, bytes);
    const statuses = [...text.matchAll(/(?:^|\r\n|\})HTTP\/1\.1 (\d{3}) /g)].map(
      ([, each]) => each,
    );
    for (const status of statuses) {
      if (Number(status) >= 500 && status !== '503') {
        throw new Error(`${JSON.stringify(bytes)} was answered with ${text}`);
      }
    }
    this.count(`bytes ${statuses[0] ?? 'closed'}`);
  }

  private count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  private answerTo({ body, headers, method, path }: FuzzRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, method, path, agent: this.agent };
      const length = body ? { 'Content-Length': body.length } : {};
      const sent = request({ ...options, headers: { ...headers, ...length } }, (answer) => {
        read(answer).then(resolve, reject);
      });
      const late = setTimeout(() => {
        sent.destroy(new Error(`no answer to ${method} ${path} in ${ANSWER_MS} ms`));
      }, ANSWER_MS);
      sent.on('close', () => clearTimeout(late));
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // A server may close while a large body is on its way.
        if (error.code === 'EPIPE' || error.code === 'ECONNRESET') {
          resolve({ status: 0, headers: {}, text: '' });
        } else reject(error);
      });
      sent.end(body);
    });
  }
}

/** What counts name an answer; throws if no client could understand it. */
function requireSane(answer: Answer, method: string): string {
  const { status } = answer;
  if (status < 400) return `${status}`;
  if (status >= 500 && status !== 503) throw new Error(`${status}`);
  if (method === 'HEAD') return `${status}`;
  const { code } = problemIn(answer);
  if (!Object.hasOwn(ERRORS, code)) throw new Error(`the code ${code}`);
  return `${status} ${code}`;
}

/** The whole answer; of a stream what came first. */
function read(answer: IncomingMessage): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const end = (): void => {
      const text = Buffer.concat(chunks).toString();
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
    };
    const isStream = answer.headers['content-type']?.startsWith('text/event-stream') ?? false;
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (isStream) answer.destroy();
    });
    answer.on('close', end);
    answer.on('error', end);
  });
}

function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`silence after ${bytes}`)));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      // A stream does not end by itself.
      if (text.includes('text/event-stream')) socket.destroy();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(text);
      else reject(error);
    });
    socket.end(bytes, 'latin1');
  });
}
