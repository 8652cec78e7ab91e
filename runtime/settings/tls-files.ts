import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The beginning of the names of a server's settings. */
type Server = 'KAFKA' | 'CASSANDRA' | 'REDIS';

/** The settings of one server's TLS. */
export type TlsSettings<S extends Server> = Readonly<
  Record<`${S}_SSL`, boolean> &
    Partial<Record<`${S}_${'CA' | 'CERT' | 'KEY'}_FILE`, string | undefined>>
>;

/** PEM texts for `tls.connect`. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads the files of a server's settings; undefined without TLS. Throws if one is not there. */
export function readTlsFiles<S extends Server>(
  server: S,
  settings: TlsSettings<S>,
): TlsFiles | undefined {
  const { ca, cert, key, isOn } = pathsOf(server, settings);
  if (!isOn) return undefined;
  return {
    ...(ca !== undefined && { ca: readFileSync(ca, 'utf8') }),
    ...(cert !== undefined && { cert: readFileSync(cert, 'utf8') }),
    ...(key !== undefined && { key: readFileSync(key, 'utf8') }),
  };
}

/** What can never work in a server's TLS settings, each as `NAME: what to do`. */
export function tlsProblems<S extends Server>(server: S, settings: TlsSettings<S>): string[] {
  const { ca, cert, key, isOn } = pathsOf(server, settings);
  const names = { ca: `${server}_CA_FILE`, cert: `${server}_CERT_FILE`, key: `${server}_KEY_FILE` };
  if (!isOn) {
    return Object.entries({ [names.ca]: ca, [names.cert]: cert, [names.key]: key })
      .filter(([, path]) => path !== undefined)
      .map(([name]) => `${name}: is used with TLS only: ${turnOn(server)}, or unset it`);
  }
  const problems: string[] = [];
  const attempt = <T>(name: string, path: string | undefined, read: (text: string) => T) =>
    path === undefined ? undefined : readFile(name, path, read, problems);
  attempt(names.ca, ca, certificateIn);
  const certificate = attempt(names.cert, cert, certificateIn);
  const privateKey = attempt(names.key, key, keyIn);
  if (cert !== undefined && key === undefined) {
    problems.push(`${names.cert}: a certificate needs its key: set ${names.key}`);
  }
  if (key !== undefined && cert === undefined) {
    problems.push(`${names.key}: a key needs its certificate: set ${names.cert}`);
  }
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey)) {
    problems.push(`${names.key}: is not the key of the certificate in ${names.cert}`);
  }
  return problems;
}

function turnOn(server: Server): string {
  return server === 'REDIS' ? 'begin REDIS_URL with rediss:' : `set ${server}_SSL=true`;
}

function pathsOf<S extends Server>(server: S, settings: TlsSettings<S>) {
  const of: Readonly<Record<string, string | boolean | undefined>> = settings;
  const pathOf = (name: string) => {
    const path = of[`${server}_${name}_FILE`];
    return typeof path === 'string' ? path : undefined;
  };
  const isOn = of[`${server}_SSL`] === true;
  return { ca: pathOf('CA'), cert: pathOf('CERT'), key: pathOf('KEY'), isOn };
}

function readFile<T>(
  name: string,
  path: string,
  read: (text: string) => T,
  problems: string[],
): T | undefined {
  try {
    return read(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code = '' } = Object(error) as { readonly code?: string };
    const isFile = code.startsWith('E') && !code.startsWith('ERR_');
    const why = isFile ? `cannot be read (${code})` : (error as Error).message;
    problems.push(`${name}: the file ${path} ${why}`);
    return undefined;
  }
}

/** The first certificate of a PEM file; throws if any of them is broken. */
function certificateIn(text: string): X509Certificate {
  const [first, ...others] = text.match(PEM_CERTIFICATE) ?? [];
  const broken = 'has no certificate in PEM (-----BEGIN CERTIFICATE-----)';
  if (first === undefined) throw new Error(broken);
  try {
    for (const other of others) new X509Certificate(other);
    return new X509Certificate(first);
  } catch {
    throw new Error(broken);
  }
}

function keyIn(text: string) {
  try {
    return createPrivateKey(text);
  } catch {
    throw new Error('has no private key in PEM without a passphrase');
  }
}
