const WILDCARD = /^(https?):\/\/\*\.([^/:*]+)(?::(\d+))?\/?$/i;

/** Pages of this machine, for which the embedded mode is open. */
const LOCAL_HOST = /^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** `https://*.example.com`: any name below a domain. */
interface Wildcard {
  readonly protocol: string;
  readonly port: string;
  readonly suffix: string;
}

/** The origins whose pages may call (RFC 6454). */
export class Origins {
  private readonly exact = new Set<string>();
  private readonly wildcards: Wildcard[] = [];

  /** With undefined, pages of this machine may call. Throws as `parseOrigin`. */
  constructor(private readonly given: readonly string[] | undefined) {
    for (const text of given ?? []) {
      const parsed = parseOrigin(text);
      if (typeof parsed === 'string') this.exact.add(parsed);
      else this.wildcards.push(parsed);
    }
  }

  /**
   * Whether a page of `origin` may call the server that it reached as `host`. Pages of that host
   * may always: browsers send their origin, too.
   */
  allows(origin: string, host: string): boolean {
    if (this.exact.has(origin)) return true;
    const url = urlOf(origin);
    // Any other text, such as `null` of a sandboxed page, is the origin of no page of ours.
    if (url?.origin !== origin) return false;
    if (url.host === host) return true;
    if (this.given === undefined) return LOCAL_HOST.test(url.hostname);
    return this.wildcards.some(({ port, protocol, suffix }) => {
      return url.protocol === protocol && url.port === port && url.hostname.endsWith(suffix);
    });
  }
}

/**
 * An origin as browsers send it, or one with a wildcard. Throws an Error that says what to write
 * instead of a text that no page's origin can ever equal.
 */
export function parseOrigin(text: string): string | Wildcard {
  const [, protocol = '', domain = '', port = ''] = WILDCARD.exec(text) ?? [];
  if (domain) {
    const url = urlOf(`${protocol}://${domain}${port && `:${port}`}`);
    if (url) return { protocol: url.protocol, port: url.port, suffix: `.${url.hostname}` };
  }
  const url = urlOf(text);
  if (url && !text.includes('*') && isOriginAlone(url)) return url.origin;
  throw new Error(`${text} is no origin: write https://example.com or https://*.example.com`);
}

function isOriginAlone({ hash, pathname, password, protocol, search, username }: URL): boolean {
  const isWeb = protocol === 'http:' || protocol === 'https:';
  return isWeb && pathname === '/' && `${search}${hash}${username}${password}` === '';
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
