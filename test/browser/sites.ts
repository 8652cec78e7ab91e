import { endServers, newFolder, Server } from '../end-to-end/server';
import { SECRET } from '../runtime/members/tokens';
import { TestAuthority } from '../stack/certificates';
import { LoopbackProxy } from './loopback-proxy';
import { TlsFront } from './tls-front';

/** Where a page is, seen from its service. */
export type From = 'same origin' | 'same site' | 'other site';

/** A value of COOKIE_SAME_SITE. */
export type SameSite = 'lax' | 'none';

/** A server behind its front. */
export interface Service {
  readonly front: TlsFront;
  readonly server: Server;
}

/**
 * Services of one site and pages of two, over TLS. Each has a host of its own for each `id`, so
 * that no test sees another's cookies. The names are reserved; a proxy leads them to loopback.
 */
export class Sites {
  private constructor(
    private readonly proxy: LoopbackProxy,
    private readonly pages: TlsFront,
    private readonly services: Readonly<Record<SameSite, Service>>,
  ) {}

  static async start(ids: readonly string[]): Promise<Sites> {
    const certificate = new TestAuthority(newFolder()).sign('front');
    const pages = await TlsFront.start(certificate);
    const origins = ids.flatMap((id) => [
      `https://app-${id}.example.com:${pages.port}`,
      `https://pages-${id}.example.org:${pages.port}`,
    ]);
    const start = async (sameSite: SameSite): Promise<Service> => {
      const members = { JWT_SECRET: SECRET, COOKIE_SAME_SITE: sameSite };
      const server = await Server.start({ env: { ...members, CORS_ORIGINS: origins.join() } });
      return { server, front: await TlsFront.start(certificate, server.port) };
    };
    const services = { lax: await start('lax'), none: await start('none') };
    return new Sites(await LoopbackProxy.start(), pages, services);
  }

  get proxyPort(): number {
    return this.proxy.port;
  }

  serviceOf(sameSite: SameSite): Service {
    return this.services[sameSite];
  }

  /** The origin of a service. */
  originOf(id: string, sameSite: SameSite): string {
    return `https://live-${id}.example.com:${this.services[sameSite].front.port}`;
  }

  /** The origin of a page that uses this service. */
  pageOf(id: string, sameSite: SameSite, from: From): string {
    if (from === 'same origin') return this.originOf(id, sameSite);
    const host = from === 'same site' ? `app-${id}.example.com` : `pages-${id}.example.org`;
    return `https://${host}:${this.pages.port}`;
  }

  async end(): Promise<void> {
    const fronts = Object.values(this.services).map(({ front }) => front);
    for (const part of [this.proxy, this.pages, ...fronts]) part.close();
    await endServers();
  }
}
