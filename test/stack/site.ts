import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { Kafka } from 'kafkajs';
import { environmentOf } from '../../compose/native/addresses';
import { ROOT } from '../../compose/native/folders';
import { NativeStack } from '../../compose/native/native-stack';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { PARTITIONS } from '../../schemas/partitions';
import { call, eventually } from '../end-to-end/api';
import { HeldLink } from './held-link';
import { JWT_SECRET, SERVICE_SECRET } from './keys';
import { findLibfaketime, RoleClock } from './role-clock';
import { type Role, RoleProcess } from './role-process';
import { reactionsOf, rowsOf } from './rows';

/** Brokers delete a topic within this time; then it can be created again. */
const DELETED_MS = 20_000;

/** The compiled file, for `node -r`. */
const REDIRECT_PORT_FILE = join(ROOT, 'dist', 'tools', 'chaos', 'redirect-port.js');

/** Options of a site. */
export interface SiteOptions {
  readonly fullSpeed?: boolean;
  /** Puts a link whose bytes can be held back between the first producer and Kafka. */
  readonly heldLink?: boolean;
  /** Puts a link between all roles and Redis, so that another Redis can take over. */
  readonly redisLink?: boolean;
  /** Gives each role a clock that can be stepped, if this machine has libfaketime. */
  readonly clocks?: boolean;
}

/** In the order in which they start. */
const ROLES: readonly Role[] = ['producer', 'dispatcher', 'frontend'];

/** Two of each role on a real Kafka, Cassandra and Redis. */
export class Site {
  readonly stack: NativeStack;
  readonly roles: Record<Role, RoleProcess[]> = { producer: [], dispatcher: [], frontend: [] };
  token = '';
  private readonly folder = mkdtempSync(join(tmpdir(), 'likestream-site-'));

  /** The link between the first producer and Kafka. */
  readonly link: HeldLink | undefined;
  /** The link to Redis for all roles. */
  private readonly redisLink: HeldLink | undefined;
  /** The port of the Redis behind that address. */
  redisPort = 0;
  private readonly clocks = new Map<RoleProcess, RoleClock>();

  constructor(private readonly options: SiteOptions = {}) {
    const { fullSpeed = false, heldLink = false, redisLink = false } = options;
    this.stack = new NativeStack({ folder: this.folder, fullSpeed });
    if (heldLink) this.link = new HeldLink(() => this.kafkaPort);
    if (redisLink) this.redisLink = new HeldLink(() => this.redisPort);
  }

  /** `more` are settings of the roles. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.startServers();
    await this.startAll(more);
  }

  /** Starts Kafka, Cassandra and Redis, and no role. */
  async startServers(): Promise<void> {
    await this.stack.start();
    this.redisPort = Number(new URL(this.stack.addresses.redis).port);
    await Promise.all([this.link?.start(), this.redisLink?.start()]);
    const key = Buffer.from(JWT_SECRET);
    const claims = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('ann');
    this.token = await claims.setExpirationTime('1h').sign(key);
  }

  /**
   * Starts two of each role, of this build or of another checkout's; rejects with the output of one
   * that ends.
   */
  async startAll(more: Readonly<Record<string, string>> = {}, checkout?: string): Promise<void> {
    this.clocks.clear();
    await this.startRoles(ROLES, more, checkout);
  }

  /** Ends all processes of some roles by SIGTERM; returns their exit codes. */
  endRoles(roles: readonly Role[] = ROLES): Promise<(number | null)[]> {
    return Promise.all(roles.flatMap((role) => this.roles[role]).map((one) => one.end('SIGTERM')));
  }

  /** Starts two new processes of each of some roles. */
  async startRoles(
    roles: readonly Role[],
    more: Readonly<Record<string, string>>,
    checkout?: string,
  ): Promise<void> {
    for (const role of roles) {
      this.roles[role] = await Promise.all([
        this.startRole(role, 0, more, checkout),
        this.startRole(role, 1, more, checkout),
      ]);
    }
  }

  /** The settings with the addresses of the servers. */
  get serverSettings(): Readonly<Record<string, string>> {
    return environmentOf(this.stack.addresses);
  }

  /** The clock of one role; throws if this site has none. */
  clockOf(role: RoleProcess): RoleClock {
    const clock = this.clocks.get(role);
    if (!clock) throw new Error('the clocks of this site cannot be stepped');
    return clock;
  }

  /** All processes of all roles. */
  get processes(): readonly RoleProcess[] {
    return Object.values(this.roles).flat();
  }

  /** Resolves with the end of each process's output when all have ended by themselves. */
  lastWords(): Promise<string[]> {
    return Promise.all(this.processes.map((one) => one.lastWords()));
  }

  /** Deletes the topic of likes and creates it again. */
  async recreateLog(): Promise<void> {
    const admin = new Kafka({ brokers: [this.stack.addresses.kafka] }).admin();
    await admin.connect();
    const topic = new Names().topic(likes.name, 1);
    await admin.deleteTopics({ topics: [topic] });
    const topics = [{ topic, numPartitions: PARTITIONS }];
    await eventually(() => admin.createTopics({ topics }), DELETED_MS);
    await admin.disconnect();
  }

  /** Ends everything; resolves with the exit codes of the roles after SIGTERM. */
  async end(): Promise<(number | null)[]> {
    const codes = await this.endRoles();
    await Promise.all([this.link?.end(), this.redisLink?.end()]);
    await this.stack.reset();
    rmSync(this.folder, { recursive: true, force: true });
    return codes;
  }

  get headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.token}` };
  }

  /** The total from a producer. */
  async total(videoId: string): Promise<number> {
    const url = this.roles.producer[0]?.url ?? '';
    const answer = await call(url, 'GET', `/videos/${videoId}/likes`, { headers: this.headers });
    return Number(JSON.parse(answer.text).total);
  }

  /** The ids of the rows in Cassandra. */
  rows(videoId: string): Promise<Set<string>> {
    return rowsOf(this.stack.addresses.cassandra, videoId);
  }

  /** The reaction of each row in Cassandra, by its id. */
  reactions(videoId: string): Promise<Map<string, string>> {
    return reactionsOf(this.stack.addresses.cassandra, videoId);
  }

  /** The data folder of a server, such as `kafka`. */
  folderOf(part: string): string {
    return join(this.folder, 'dc1', part);
  }

  private get kafkaPort(): number {
    return Number(this.stack.addresses.kafka.split(':').at(-1));
  }

  private async startRole(
    role: Role,
    at: number,
    more: Readonly<Record<string, string>>,
    checkout?: string,
  ): Promise<RoleProcess> {
    const library = this.options.clocks ? findLibfaketime() : undefined;
    const clock = library ? new RoleClock(library, this.folder, `${role}-${at}`) : undefined;
    const isLinked = this.link !== undefined && role === 'producer' && at === 0;
    const env = {
      ...environmentOf(this.stack.addresses),
      ...{ JWT_SECRET, SERVICE_SECRET },
      ...(this.redisLink && { REDIS_URL: `redis://127.0.0.1:${this.redisLink.port}` }),
      ...clock?.env,
      ...(isLinked && this.redirection()),
      ...more,
    };
    const process = await RoleProcess.start(role, env, checkout);
    if (clock) this.clocks.set(process, clock);
    return process;
  }

  private redirection(): Readonly<Record<string, string>> {
    return {
      NODE_OPTIONS: `-r "${REDIRECT_PORT_FILE}"`,
      REDIRECT_PORT: `${this.kafkaPort}:${this.link?.port}`,
    };
  }
}
