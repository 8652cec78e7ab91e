import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../runtime/clock';
import { withDeadline } from '../runtime/deadline';

/** More than the entries of one request take. */
export const PROBE_BYTES = 64 * 1024;

/** The result of a probe holds for this time. */
export const PROBE_VALID_MS = 1_000;

/** A disk that takes longer is missing. */
export const PROBE_MS = 2_000;

/** The file that a probe writes and removes. */
const FILE = 'probe';

const OWN_MODE = 0o600;

/** The name of the disk among what is missing. */
const DISK = 'disk';

/** Finds out whether the disk of `DATA_DIR` takes what is written, by writing a file. */
export class DiskProbe {
  /** When the latest probe ended; undefined while it runs. */
  private probedAtMs: number | undefined = -Infinity;
  private latest: Promise<readonly string[]> = Promise.resolve([]);

  constructor(
    private readonly folder: string,
    private readonly clock: Pick<Clock, 'after' | 'monotonic'>,
    private readonly write = writeAndSync,
  ) {}

  /** What is missing: the disk, or nothing. Writes at most once a second, one at a time. */
  async missing(): Promise<readonly string[]> {
    const { clock, probedAtMs } = this;
    if (probedAtMs !== undefined && clock.monotonic() - probedAtMs >= PROBE_VALID_MS) {
      this.probedAtMs = undefined;
      this.latest = this.probe().finally(() => {
        this.probedAtMs = clock.monotonic();
      });
    }
    const late = new Error('the disk takes too long');
    return withDeadline(clock, PROBE_MS, this.latest, late).catch(() => [DISK]);
  }

  private async probe(): Promise<readonly string[]> {
    const path = join(this.folder, FILE);
    try {
      await this.write(path);
      return [];
    } catch {
      return [DISK];
    } finally {
      await rm(path, { force: true }).catch(() => undefined);
    }
  }
}

async function writeAndSync(path: string): Promise<void> {
  const file = await open(path, 'w', OWN_MODE);
  try {
    await file.writeFile(Buffer.alloc(PROBE_BYTES));
    await file.datasync();
  } finally {
    await file.close();
  }
}
