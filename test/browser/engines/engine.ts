/** A browser that a test drives, with one page. */
export interface Engine {
  /** Opens a page and waits until it is loaded. */
  open(url: string): Promise<void>;
  /** The value of an expression of JavaScript in the page; it must fit into JSON. */
  evaluate(expression: string): Promise<unknown>;
  /** Ends the browser and all its processes. */
  end(): Promise<void>;
}

/** A kind of browser. */
export interface EngineKind {
  readonly name: string;
  /** The Debian package to install if `find` finds none. */
  readonly debian: string;
  /** Whether it keeps a page with an open stream and a lock, to show it again as it was. */
  readonly keepsPages: boolean;
  /** The path of an installed one, or undefined. */
  readonly find: () => string | undefined;
  /**
   * Starts one as it comes from Debian, without cookies, that accepts every certificate and
   * reaches all hosts through a proxy on a port of loopback.
   */
  readonly start: (executable: string, proxyPort: number) => Promise<Engine>;
}
