import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Crew } from '../crew';

const PROGRAM = join(__dirname, 'drivers-program.js');

/** One window of the bare drivers. */
export interface DriversAsked {
  readonly batch: number;
  readonly videos: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly seconds: number;
}

export interface DriversTurn {
  readonly likesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The bare drivers in a process of their own. */
export class DriversProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** `env` has the addresses of the servers. */
  static async start(crew: Crew, env: Readonly<Record<string, string>>): Promise<DriversProcess> {
    const command = { file: process.execPath, args: [PROGRAM], env };
    const child = crew.start(command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const drivers = new DriversProcess(child);
    await drivers.answer();
    return drivers;
  }

  async turn(asked: DriversAsked): Promise<DriversTurn> {
    const answer = this.answer();
    this.child.send(asked);
    return (await answer) as DriversTurn;
  }

  async end(): Promise<void> {
    if (!this.child.connected) return;
    const answer = this.answer();
    this.child.send('end');
    await answer;
  }

  private answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the bare drivers ended'));
      this.child.once('exit', ended);
      this.child.once('message', (message) => {
        this.child.off('exit', ended);
        resolve(message);
      });
    });
  }
}
