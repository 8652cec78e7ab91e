import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../compose/native/folders';
import { writeMirrorSettings } from '../../compose/native/mirror';
import { withSecrets } from '../../compose/with-secrets';
import { readSettings, SETTING_NAMES } from '../../runtime/settings/settings';
import { fileOf, propertiesOf, ROLES, SERVICES, type Service, yamlOf } from './compose-file';

const DOCKERFILE = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const MEBIBYTES_OF_A_LAPTOP = 8 * 1_024;
const MEBIBYTES_FOR_ONE = 5 * 1_024;

/** A name, then a version of two numbers at least. */
const PINNED = /^[a-z0-9./-]+:v?\d+(\.\d+)+(-[a-z]+)?$/;

/** `${NAME:-default}` as its default. */
const VARIABLE = /\$\{\w+:-([^}]*)\}/g;

/** The command of each role: it runs with secrets that the first one makes. */
const START = ['node', 'dist/compose/with-secrets.js', '/run/likestream', 'dist/main.js'];

const all = [...SERVICES].map(([name, each]) => ({ name, ...each }));
const lasting = all.filter(({ name }) => name !== 'welcome');

describe('every service of compose.yaml', () => {
  test.each(all)('$name has its image pinned and its memory limited', ({ image, mem_limit }) => {
    expect(image).toMatch(PINNED);
    expect(mem_limit).toMatch(/^\d+m$/);
  });

  test.each(all)('$name has few rights, processes and files', (each) => {
    expect(each.cap_drop).toEqual(['ALL']);
    expect(each.security_opt).toEqual(['no-new-privileges:true']);
    expect(each.pids_limit).toBeLessThanOrEqual(1_024);
    expect(each.ulimits?.nofile).toBe(65_536);
  });

  test.each(lasting)('$name has a health check, a restart policy and a bounded log', (each) => {
    expect(each.healthcheck?.test.length).toBeGreaterThan(1);
    expect(each.restart).toBe('unless-stopped');
    expect(each.logging?.options['max-size']).toBe('10m');
  });

  test.each(all)('$name listens on loopback only', ({ ports }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('waits for existing services, until they are healthy', () => {
    for (const { depends_on, profiles } of all) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(condition).toBe('service_healthy');
        expect(profiles).toEqual(expect.arrayContaining(SERVICES.get(name)?.profiles ?? ['?']));
      }
    }
  });

  test('fits on a laptop together with the others', () => {
    const sum = (services: readonly Service[]): number =>
      services.reduce((mebibytes, { mem_limit }) => mebibytes + Number.parseInt(mem_limit, 10), 0);
    expect(sum(lasting)).toBeLessThan(MEBIBYTES_OF_A_LAPTOP);
    expect(sum(lasting.filter(({ profiles }) => profiles.length === 0))).toBeLessThan(
      MEBIBYTES_FOR_ONE,
    );
  });
});

describe('likestream in containers', () => {
  test('has two of each role in both datacenters, each behind a door', () => {
    for (const prefix of ['', 'dc2-']) {
      for (const role of ['producer', 'dispatcher', 'frontend']) {
        for (const at of [1, 2]) {
          const { environment } = SERVICES.get(`${prefix}${role}-${at}`) ?? {};
          expect(environment).toMatchObject({ ROLE: role, DATACENTER: prefix ? 'dc2' : 'dc1' });
        }
      }
      const { environment } = SERVICES.get(`${prefix}door`) ?? {};
      const servers = `${environment?.producers} ${environment?.frontends}`;
      expect(servers.match(/server [\w-]+:8080/g)).toEqual(
        ['producer-1', 'producer-2', 'frontend-1', 'frontend-2'].map(
          (name) => `server ${prefix}${name}:8080`,
        ),
      );
    }
  });

  test.each([...ROLES])('%s has settings that likestream has', (name, { command, environment }) => {
    const folder = mkdtempSync(join(tmpdir(), 'likestream-secrets-'));
    expect(command).toEqual(START);
    const given = Object.entries(environment).map(([key, value]) => [
      key,
      String(value).replace(VARIABLE, '$1'),
    ]);
    expect(Object.keys(environment).filter((key) => !SETTING_NAMES.includes(key))).toEqual([]);
    const complete: NodeJS.ProcessEnv = Object.fromEntries(given);
    withSecrets(folder, complete);
    rmSync(folder, { recursive: true });
    const settings = readSettings(complete);
    const text = expect.any(String);
    expect(settings).toMatchObject({ JWT_SECRET: text, SERVICE_SECRET: text });
    // A service with an advertised URL advertises its own name.
    const own = settings.ROLE?.includes('producer') ? undefined : `http://${name}:7000`;
    expect(settings.ADVERTISE_URL).toBe(own);
  });

  test('has a read-only root and an unprivileged user', () => {
    const ours = all.filter(({ image }) => /^(likestream|nginx):/.test(image));
    for (const { cap_drop, read_only } of ours) {
      expect({ cap_drop, read_only }).toEqual({ cap_drop: ['ALL'], read_only: true });
    }
    expect(DOCKERFILE).toMatch(/^USER node$/m);
    expect(SERVICES.get('door')?.user).toBe('101:101');
  });

  test('is built on a pinned image, with Node as its first process', () => {
    const bases = [...DOCKERFILE.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(PINNED);
    expect(DOCKERFILE).toMatch(/^CMD \["node", "dist\/main.js"\]$/m);
  });
});

describe('the second datacenter', () => {
  const seconds = [...SERVICES].filter(([name]) => name.startsWith('dc2-'));

  test('needs its profile', () => {
    const inProfile = all.filter(({ profiles }) => profiles.includes('dc2'));
    expect(inProfile.map(({ name }) => name).sort()).toEqual(
      [...seconds.map(([name]) => name), 'mirrormaker'].sort(),
    );
  });

  test.each(seconds)('%s equals that of the first, except for names', (name, second) => {
    const first = SERVICES.get(name.slice('dc2-'.length));
    const {
      CLUSTER_ID: firstId,
      DATACENTER: _d1,
      PEER_DATACENTERS: _p1,
    } = first?.environment ?? {};
    const { CLUSTER_ID: secondId } = second.environment;
    if (firstId) expect(secondId).not.toBe(firstId);
    const own = { ports: [], profiles: [] };
    const names = { CLUSTER_ID: '', DATACENTER: '', PEER_DATACENTERS: '' };
    const plain = (each: Service | undefined): unknown =>
      JSON.parse(
        JSON.stringify({ ...each, ...own, environment: { ...each?.environment, ...names } })
          .replaceAll('dc2-', '')
          .replaceAll('DC2_', '')
          .replaceAll('29092', '19092'),
      );
    expect(plain(second)).toEqual(plain(first));
  });
});

describe('the servers in containers', () => {
  test('have the versions of the native stack', () => {
    const kafka = /<kafka.version>(.*)<\/kafka.version>/.exec(fileOf('native', 'kafka', 'pom.xml'));
    const cassandra = /cassandra-all<\/artifactId>\s*<version>(.*)<\/version>/.exec(
      fileOf('native', 'cassandra', 'pom.xml'),
    );
    for (const name of ['kafka', 'dc2-kafka', 'mirrormaker']) {
      expect(SERVICES.get(name)?.image).toBe(`apache/kafka:${kafka?.[1]}`);
    }
    expect(SERVICES.get('cassandra')?.image).toBe(`cassandra:${cassandra?.[1]}`);
  });

  test('have a Kafka with the settings of the native one', () => {
    const native = Object.entries(propertiesOf(fileOf('native', 'kafka', 'server.properties')));
    const isAddress = /listener|voters|log\.dirs/;
    const shared = native.filter(([key]) => !isAddress.test(key));
    const environment = SERVICES.get('kafka')?.environment ?? {};
    const named = (key: string): string => `KAFKA_${key.replaceAll('.', '_').toUpperCase()}`;
    for (const [key, value] of shared) {
      expect(`${key}=${environment[named(key)]}`).toBe(`${key}=${value}`);
    }
    const known = new Set([...native.map(([key]) => named(key)), 'KAFKA_HEAP_OPTS', 'CLUSTER_ID']);
    expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
  });

  test('have a MirrorMaker with the settings of the native one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'likestream-mirror-'));
    const file = join(folder, 'mirror.properties');
    writeMirrorSettings(file, [
      { datacenter: 'dc1', kafka: 'kafka:9092' },
      { datacenter: 'dc2', kafka: 'dc2-kafka:9092' },
    ]);
    const native = propertiesOf(readFileSync(file, 'utf8'));
    rmSync(folder, { recursive: true });
    expect(propertiesOf(fileOf('mirror.properties'))).toEqual(native);
  });
});

test('the parser of these tests merges keys as Compose does', () => {
  expect(yamlOf('compose.yaml')).not.toHaveProperty(['services', 'kafka', '<<']);
});
