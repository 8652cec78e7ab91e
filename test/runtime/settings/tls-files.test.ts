import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../../../runtime/settings/settings';
import { readTlsFiles } from '../../../runtime/settings/tls-files';
import { TestAuthority } from '../../stack/certificates';

const folder = mkdtempSync(join(tmpdir(), 'likestream-tls-'));
const authority = new TestAuthority(folder);
const own = authority.sign('own');
const other = authority.sign('other');

afterAll(() => rmSync(folder, { recursive: true }));

test('files are not read without TLS', () => {
  expect(readTlsFiles('KAFKA', readSettings({}))).toBeUndefined();
});

test('the files of a server are read once they are right', () => {
  const settings = readSettings({
    ...{ CASSANDRA_SSL: 'true', CASSANDRA_CA_FILE: authority.ca },
    ...{ CASSANDRA_CERT_FILE: own.cert, CASSANDRA_KEY_FILE: own.key },
  });
  const pem = expect.stringContaining('-----BEGIN');
  expect(readTlsFiles('CASSANDRA', settings)).toEqual({ ca: pem, cert: pem, key: pem });
});

test.each([
  [{ KAFKA_CA_FILE: '/nope' }, 'KAFKA_CA_FILE: the file /nope cannot be read (ENOENT)'],
  [{ KAFKA_CA_FILE: own.key }, `KAFKA_CA_FILE: the file ${own.key} has no certificate in PEM`],
  [{ KAFKA_CERT_FILE: own.cert }, 'KAFKA_CERT_FILE: a certificate needs its key'],
  [{ KAFKA_KEY_FILE: own.key }, 'KAFKA_KEY_FILE: a key needs its certificate'],
  [{ KAFKA_CERT_FILE: own.cert, KAFKA_KEY_FILE: own.cert }, 'has no private key in PEM'],
  [
    { KAFKA_CERT_FILE: own.cert, KAFKA_KEY_FILE: other.key },
    'KAFKA_KEY_FILE: is not the key of the certificate in KAFKA_CERT_FILE',
  ],
])('files that can never work are named: %j', (files, line) => {
  expect(() => readSettings({ KAFKA_SSL: 'true', ...files })).toThrow(line);
});

test('a certificate that is cut short is named', () => {
  const broken = join(folder, 'broken.pem');
  writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
  const settings = { CASSANDRA_SSL: 'true', CASSANDRA_CA_FILE: broken };
  expect(() => readSettings(settings)).toThrow('CASSANDRA_CA_FILE: the file');
});

test('files without TLS are named', () => {
  expect(() => readSettings({ CASSANDRA_CA_FILE: authority.ca })).toThrow(
    'CASSANDRA_CA_FILE: is used with TLS only: set CASSANDRA_SSL=true, or unset it',
  );
});
