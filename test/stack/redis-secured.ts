import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { TestAuthority } from './certificates';
import { RedisProcess } from './redis-process';
import { documentedUser } from './redis-rights';

const ADMIN_PASSWORD = 'all-rights';

/** The password of the user `likestream`. */
export const PASSWORD = 'p@ss:w/rd?';

/** A Redis with TLS, whose user `likestream` has only the rights of docs/operating.md. */
export class SecuredRedis {
  private constructor(
    readonly server: RedisProcess,
    readonly authority: TestAuthority,
    private readonly folder: string,
  ) {}

  /** `needsCertificate`: clients must show one of the authority. */
  static async start({ needsCertificate = false } = {}): Promise<SecuredRedis> {
    const folder = mkdtempSync(join(tmpdir(), 'likestream-certificates-'));
    const authority = new TestAuthority(folder);
    const { cert, key } = authority.sign('redis');
    const tls = [
      ...['port 0', 'tls-port', `tls-cert-file ${cert}`, `tls-key-file ${key}`],
      ...[
        `tls-ca-cert-file ${authority.ca}`,
        `tls-auth-clients ${needsCertificate ? 'yes' : 'no'}`,
      ],
    ];
    const own = authority.sign('admin');
    const [ca, certPem, keyPem] = [authority.ca, own.cert, own.key].map((file) =>
      readFileSync(file),
    );
    const server = await RedisProcess.start({
      lines: [...tls, `user default on >${ADMIN_PASSWORD} ~* &* +@all`, documentedUser(PASSWORD)],
      login: { password: ADMIN_PASSWORD, tls: { ca, cert: certPem, key: keyPem } },
    });
    return new SecuredRedis(server, authority, folder);
  }

  /** The settings of a process that may use it. */
  get environment() {
    return {
      REDIS_URL: `rediss://${this.server.address}`,
      REDIS_USERNAME: 'likestream',
      REDIS_PASSWORD: PASSWORD,
      REDIS_CA_FILE: this.authority.ca,
    };
  }

  get admin(): Redis {
    return this.server.admin;
  }

  async end(): Promise<void> {
    await this.server.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
