import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

const MAIN = join(ROOT, 'dist', 'main.js');
// A busy machine needs several times what a quiet one needs.
const START_MS = 60_000;
const WELCOME = /localhost:(\d+)\/ [\s\S]*localhost:(\d+)\/metrics[\s\S]*Ctrl-C/;

// Below the kernel's range for outgoing connections, so that a client that retries while its server
// is down cannot connect to another test's connection, or to itself, on such a port.
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/** How a server process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ServerOptions {
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs node; node itself if not given. */
  readonly within?: readonly string[];
}

const servers = new Set<Server>();
const folders = new Set<string>();

/** Creates a folder that `endServers` removes. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'likestream-e2e-'));
  folders.add(folder);
  return folder;
}

/** Ends the servers of this test file by process id, and removes its folders. */
export async function endServers(): Promise<void> {
  for (const server of servers) await server.kill();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** A free port, for servers that restart on the same one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
}

/** Whether nothing listens on a port now. */
export function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });
}

/** A likestream process, started as by an operator. */
export class Server {
  readonly dataDir: string;
  readonly ended: Promise<Ended>;
  port = 0;
  adminPort = 0;
  private readonly child: ChildProcess;
  private stdout = '';
  private stderr = '';

  private constructor(private readonly options: ServerOptions) {
    this.dataDir = options.dataDir ?? newFolder();
    const [command = process.execPath, ...rest] = [...(options.within ?? []), process.execPath];
    this.child = spawn(command, [...rest, MAIN], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        ADMIN_PORT: '0',
        DATA_DIR: this.dataDir,
        LOG_LEVEL: 'warn',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk;
    });
    servers.add(this);
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => {
        servers.delete(this);
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Starts a server and waits until it is ready; rejects with its output if it ends. */
  static async start(options: ServerOptions = {}): Promise<Server> {
    const server = new Server(options);
    await server.welcomed();
    return server;
  }

  /** Starts a server on a port that it can use again after a restart. */
  static async startToReturn(options: ServerOptions = {}): Promise<Server> {
    const ports = { PORT: String(await freePort()), ADMIN_PORT: String(await freePort()) };
    return Server.start({ ...options, env: { ...ports, ...options.env } });
  }

  /** Starts a server that must end by itself. */
  static async startInVain(options: ServerOptions): Promise<Ended> {
    const server = new Server(options);
    const timer = setTimeout(() => server.kill(), START_MS);
    const ended = await server.ended;
    clearTimeout(timer);
    return ended;
  }

  /** Starts a server with the same settings and data, after this one has ended. */
  startAgain(env: Readonly<Record<string, string>> = {}): Promise<Server> {
    const { dataDir, options } = this;
    return Server.start({ ...options, dataDir, env: { ...options.env, ...env } });
  }

  /** Ends it by SIGTERM. */
  stop(): Promise<Ended> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  /** Kills it. */
  kill(): Promise<Ended> {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** What it has written to standard error so far. */
  get errors(): string {
    return this.stderr;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${this.adminPort}`;
  }

  private welcomed(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new Error(`the server ${why} (is dist/ compiled?)\n${this.stdout}${this.stderr}`));
      const timer = setTimeout(() => {
        fail(`was not ready within ${START_MS} ms`);
        this.kill();
      }, START_MS);
      this.child.once('close', () => {
        clearTimeout(timer);
        fail('ended before it was ready');
      });
      this.child.stdout?.on('data', () => {
        const [, port, adminPort] = WELCOME.exec(this.stdout) ?? [];
        if (port === undefined) return;
        clearTimeout(timer);
        this.port = Number(port);
        this.adminPort = Number(adminPort);
        resolve();
      });
    });
  }
}
