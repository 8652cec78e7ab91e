import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../compose/native/folders';

const MAIN = [join(ROOT, 'dist', 'main.js'), join(ROOT, 'main.js')].find(existsSync) ?? '';
const KEYS = {
  JWT_SECRET: 'a key for members, with 32 bytes or more',
  SERVICE_SECRET: 'a secret of services, with 32 bytes or more',
};
const WARN = 40;

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly part?: string;
  readonly kafka?: object;
}

/** A process with a role whose servers refuse it, and its log. */
export class StartingRole {
  /** Resolves once it is in service; rejects with its log if it ends before. */
  readonly started: Promise<void>;
  private written = '';
  private readonly ended: Promise<unknown>;
  private check: () => void = () => undefined;

  private constructor(private readonly child: ChildProcess) {
    let welcome = '';
    this.ended = new Promise((resolve) => child.once('close', resolve));
    this.started = new Promise((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        welcome += chunk;
        if (welcome.includes('is running')) resolve();
      });
      child.once('close', () => reject(new Error(this.written)));
    });
    this.started.catch(() => undefined);
    child.stderr?.on('data', (chunk: Buffer) => {
      this.written += chunk;
      this.check();
    });
  }

  static start(role: string, env: Readonly<Record<string, string>>): StartingRole {
    const { PATH = '' } = process.env;
    const own = { ROLE: role, PORT: '0', ADMIN_PORT: '0', LOG_LEVEL: 'debug' };
    return new StartingRole(
      spawn(process.execPath, [MAIN], { env: { PATH, ...own, ...KEYS, ...env } }),
    );
  }

  /** Its standard error. */
  get output(): string {
    return this.written;
  }

  /**
   * Resolves after a number of tries to use a server with the messages that an operator sees, but
   * for those about another server, which may be slow.
   */
  async tries(part: string, count: number): Promise<string[]> {
    const tried = () => this.lines.filter(({ msg }) => msg === `trying ${part} again`).length;
    await new Promise<void>((resolve, reject) => {
      this.check = () => tried() >= count && resolve();
      this.check();
      this.started.then(() => reject(new Error('it has started')), reject);
    });
    const shown = this.lines.filter((line) => line.level >= WARN && (line.part ?? part) === part);
    return shown.map(({ msg }) => msg).filter((msg) => !msg.includes('in the clear'));
  }

  async end(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
  }

  private get lines(): Line[] {
    return this.written
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line): Line => JSON.parse(line));
  }
}
