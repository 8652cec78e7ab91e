import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../runtime/clock';

/** More than the entries of one request take. */
export const PROBE_BYTES = 64 * 1024;

/** The result of a probe holds for this time. */
export const PROBE_VALID_MS = 1_000;

/** The file that a probe writes and removes. */
const FILE = 'probe';

/** The name of the disk among what is missing. */
const DISK = 'disk';

/** Finds out whether the disk of `DATA_DIR` takes what is written, by writing a file. */
export class DiskProbe {
  private probedAtMs = -Infinity;
  private latest: Promise<readonly string[]> = Promise.resolve([]);

  constructor(
    private readonly folder: string,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  /** What is missing: the disk, or nothing. Writes at most once a second. */
  missing(): Promise<readonly string[]> {
    const now = this.clock.monotonic();
    if (now - this.probedAtMs < PROBE_VALID_MS) return this.latest;
    this.probedAtMs = now;
    this.latest = this.probe();
    return this.latest;
  }

  private async probe(): Promise<readonly string[]> {
    const path = join(this.folder, FILE);
    try {
      await writeAndSync(path);
      return [];
    } catch {
      return [DISK];
    } finally {
      await rm(path, { force: true }).catch(() => undefined);
    }
  }
}

async function writeAndSync(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(Buffer.alloc(PROBE_BYTES));
    await file.datasync();
  } finally {
    await file.close();
  }
}
