import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate in PEM files, with its key in PKCS 8. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

const DAYS = '2';
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate authority for one test, made by openssl in a folder. */
export class TestAuthority {
  /** Its own certificate: the CA file of clients. */
  readonly ca: string;
  private readonly caKey: string;

  constructor(
    private readonly folder: string,
    private readonly name = 'authority',
  ) {
    this.ca = join(folder, `${name}.pem`);
    this.caKey = join(folder, `${name}.key`);
    const files = ['-keyout', this.caKey, '-out', this.ca];
    openssl(['req', '-x509', '-days', DAYS, ...EC, ...files, '-subj', `/CN=${name}`]);
  }

  /** Signs a certificate for a server on loopback, or for a client of that name. */
  sign(name: string): CertificateFiles {
    const of = (ending: string) => join(this.folder, `${this.name}-${name}.${ending}`);
    const [cert, key, request, extensions] = [of('pem'), of('key'), of('csr'), of('ext')];
    openssl(['req', ...EC, '-keyout', key, '-out', request, '-subj', `/CN=${name}`]);
    writeFileSync(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    openssl([
      ...['x509', '-req', '-in', request, '-CA', this.ca, '-CAkey', this.caKey],
      ...['-CAcreateserial', '-days', DAYS, '-extfile', extensions, '-out', cert],
    ]);
    return { cert, key };
  }
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
