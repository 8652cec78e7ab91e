import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from './server';

const MOUNT_MS = 5_000;
const BLOCK = 64 * 1024;

/**
 * A disk of a few megabytes: a tmpfs in its own mount namespace, which a `sleep` keeps open. Needs
 * Linux and the permission to create user namespaces.
 */
export class SmallDisk {
  /** A command that runs another one in the namespace of the disk. */
  readonly within: readonly string[];
  /** The path of the disk outside of its namespace. */
  readonly outside: string;

  private constructor(
    private readonly holder: ChildProcess,
    /** The path of the disk inside its namespace. */
    readonly inside: string,
  ) {
    const pid = String(holder.pid);
    this.within = ['nsenter', '--target', pid, '--user', '--mount', '--preserve-credentials'];
    this.outside = `/proc/${pid}/root${inside}`;
  }

  static async mount(megabytes: number): Promise<SmallDisk> {
    const folder = newFolder();
    const mount = `mount -t tmpfs -o size=${megabytes}m tmpfs ${folder}`;
    const script = `${mount} && echo mounted && exec sleep 600`;
    const holder = spawn('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', script]);
    const disk = new SmallDisk(holder, folder);
    await new Promise<void>((resolve, reject) => {
      let said = '';
      const fail = (why: unknown): void =>
        reject(new Error(`this test needs \`unshare -rm\` and a tmpfs in it: ${why} ${said}`));
      const timer = setTimeout(() => fail(`nothing mounted in ${MOUNT_MS} ms`), MOUNT_MS);
      holder.once('error', fail);
      holder.once('close', (code) => fail(`exit code ${code}`));
      const listen = (chunk: Buffer): void => {
        said += chunk;
        if (!said.includes('mounted')) return;
        clearTimeout(timer);
        resolve();
      };
      holder.stdout.on('data', listen);
      holder.stderr.on('data', listen);
    });
    return disk;
  }

  /** Fills the disk up to this number of free bytes. */
  fill(butFor: number): void {
    writeFileSync(this.filler, '');
    try {
      for (let left = this.free - butFor; left > 0; left -= BLOCK) {
        writeFileSync(this.filler, Buffer.alloc(Math.min(left, BLOCK)), { flag: 'a' });
      }
    } catch (error) {
      // The server has written in the meantime, so the disk is full.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }

  /** Removes the bytes of `fill`. */
  clear(): void {
    rmSync(this.filler, { force: true });
  }

  get free(): number {
    const { bavail, bsize } = statfsSync(this.outside);
    return bavail * bsize;
  }

  /** Unmounts the disk, which deletes its files. */
  async unmount(): Promise<void> {
    const closed = new Promise((resolve) => this.holder.once('close', resolve));
    this.holder.kill('SIGKILL');
    await closed;
  }

  private get filler(): string {
    return join(this.outside, 'filler');
  }
}
