/** A program to run, with its arguments and environment. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to this program's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The class archive of this run, which makes later starts faster. */
  readonly training?: Training;
}

/** The path at which the JVM writes a class archive when it ends, and the path in the cache. */
export interface Training {
  readonly written: string;
  readonly kept: string;
}
