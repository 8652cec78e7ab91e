import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Crew } from '../crew';

/** A program of this folder in a process of its own, which answers one message after the other. */
export class ChildProgram {
  private constructor(
    private readonly crew: Crew,
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts `NAME.js`; resolves with its first message. */
  static async start(
    crew: Crew,
    name: string,
    env: Readonly<Record<string, string>>,
  ): Promise<ChildProgram> {
    const command = { file: process.execPath, args: [join(__dirname, `${name}.js`)], env };
    const child = crew.start(command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const program = new ChildProgram(crew, name, child);
    await program.answer();
    return program;
  }

  /** Sends a message; resolves with the answer. */
  ask(message: object | string): Promise<unknown> {
    const answer = this.answer();
    this.child.send(message);
    return answer;
  }

  end(): Promise<void> {
    return this.crew.end(this.child);
  }

  private answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error(`${this.name} ended`));
      this.child.once('exit', ended);
      this.child.once('message', (message) => {
        this.child.off('exit', ended);
        resolve(message);
      });
    });
  }
}

/**
 * Answers each message by the result of `work`, and the first one when `ready` has resolved. Ends
 * the process after an error.
 */
export function answerMessages<Message>(
  ready: Promise<unknown>,
  work: (message: Message) => Promise<object | string>,
): void {
  const fail = (error: unknown): void => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  };
  process.on('message', (message: Message) => {
    work(message).then((answer) => process.send?.(answer), fail);
  });
  ready.then(() => process.send?.('ready'), fail);
}
