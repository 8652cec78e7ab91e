/** The names of a server's settings, for advice. */
export interface TlsNames {
  readonly server: string;
  readonly ssl: string;
  readonly ca: string;
  readonly cert: string;
  readonly addresses: string;
}

/** The codes and texts of Node and OpenSSL, and what they mean. */
const SIGNS: readonly (readonly [RegExp, (names: TlsNames) => string])[] = [
  [
    /self[- ]signed certificate|unable to (get|verify)[a-z ]*(issuer|leaf|first) cert/i,
    ({ ca, server }) =>
      `the certificate of ${server} is signed by an authority that is not known here: ` +
      `set ${ca} to the file of that authority`,
  ],
  [
    /certificate (has expired|is not yet valid)/i,
    ({ server }) => `the certificate of ${server} has expired or is not yet valid: renew it`,
  ],
  [
    /altnames|ERR_TLS_CERT_ALTNAME_INVALID/i,
    ({ addresses, server }) =>
      `the certificate of ${server} is of another name: use a name of it in ${addresses}`,
  ],
  [
    /wrong version number|packet length too long|before secure TLS|unsupported protocol/i,
    ({ addresses, server, ssl }) =>
      `${server} does not speak TLS on this port: set ${ssl}=false, ` +
      `or its TLS port in ${addresses}`,
  ],
  [
    /alert (bad certificate|certificate|handshake failure|unknown ca|number 42|number 116)/i,
    ({ cert, server }) =>
      `${server} refuses this process's certificate: set ${cert} and its key to one that it trusts`,
  ],
];

/** What to change, if a text of Node or OpenSSL says that TLS fails for a lasting reason. */
export function explainTls(text: string, names: TlsNames): string | undefined {
  return SIGNS.find(([sign]) => sign.test(text))?.[1](names);
}

/** The texts of an error, of its causes and of its parts. */
export function textsOf(error: unknown, depth = 4): string {
  if (!(error instanceof Error) || depth === 0) return String(error);
  const { cause, errors, innerErrors, type } = error as {
    readonly cause?: unknown;
    readonly errors?: readonly unknown[];
    readonly innerErrors?: Readonly<Record<string, unknown>>;
    readonly type?: unknown;
  };
  const inner = [cause, ...(errors ?? []), ...Object.values(innerErrors ?? {})];
  const texts = inner.filter((each) => each !== undefined).map((each) => textsOf(each, depth - 1));
  return [error.message, ...(type === undefined ? [] : [String(type)]), ...texts].join(' · ');
}
