/** A program to run, and what it is given. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to this program's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What this run leaves behind that makes later starts quicker. */
  readonly training?: Training;
}

/** A class archive that the JVM writes when it ends, and where later starts look for it. */
export interface Training {
  readonly written: string;
  readonly kept: string;
}
