import { WebSocket } from 'undici';
import { z } from 'zod';

const ANSWER_MS = 30_000;

const answer = z.union([
  z.object({ type: z.literal('success'), id: z.int(), result: z.looseObject({}) }),
  z.object({ type: z.literal('error'), id: z.int(), error: z.string(), message: z.string() }),
]);

type Answer = z.infer<typeof answer>;

/** The few commands of WebDriver BiDi that tests need, over one connection. */
export class Bidi {
  private lastId = 0;
  private readonly waiting = new Map<number, (given: Answer) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => {
      const { data: given } = answer.safeParse(JSON.parse(String(data)));
      if (given) this.waiting.get(given.id)?.(given);
    });
  }

  static connect(url: string): Promise<Bidi> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.addEventListener('open', () => resolve(new Bidi(socket)));
      socket.addEventListener('error', () => reject(new Error(`no connection to ${url}`)));
    });
  }

  /** Sends a command and waits for its result. */
  send(method: string, params: object): Promise<object> {
    const id = ++this.lastId;
    return new Promise<object>((resolve, reject) => {
      const late = () => reject(new Error(`no answer to ${method} in ${ANSWER_MS} ms`));
      const timer = setTimeout(late, ANSWER_MS);
      this.waiting.set(id, (given) => {
        clearTimeout(timer);
        this.waiting.delete(id);
        if (given.type === 'success') resolve(given.result);
        else reject(new Error(`${method}: ${given.error}: ${given.message}`));
      });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.socket.close();
  }
}
