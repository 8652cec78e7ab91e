import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';
const MORE_LIBRARIES = '/usr/lib64';
const NO_STEP = '+0';
const LOOK_S = 1;

/** A process applies a step within this time; reading the file costs 14 µs. */
export const CLOCK_SEEN_MS = LOOK_S * 1_000;

/** The clock of one role's process, which libfaketime steps. */
export class RoleClock {
  private readonly file: string;

  /** `library` is libfaketime's file; `name` is unique among the clocks in `folder`. */
  constructor(
    private readonly library: string,
    folder: string,
    name: string,
  ) {
    this.file = join(folder, `${name}.clock`);
    this.step(NO_STEP);
  }

  /** The environment variables for the process. */
  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.library,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_CACHE_DURATION: String(LOOK_S),
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DISABLE_SHM: '1',
    };
  }

  /** Sets the clock to the real time plus `step`, such as `-30s` or `+1y`. */
  step(by: string): void {
    // The process may read the file at any time: it must never be half written.
    writeFileSync(`${this.file}.new`, by);
    renameSync(`${this.file}.new`, this.file);
  }

  /** Sets the clock to the real time. */
  stepBack(): void {
    this.step(NO_STEP);
  }
}

/** The file of libfaketime, if this machine has it. */
export function findLibfaketime(): string | undefined {
  if (!existsSync(LIBRARIES)) return undefined;
  const inner = readdirSync(LIBRARIES).map((name) => join(LIBRARIES, name));
  const files = [MORE_LIBRARIES, LIBRARIES, ...inner].map((folder) =>
    join(folder, 'faketime', 'libfaketime.so.1'),
  );
  return files.find(existsSync);
}
