import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { environmentOf } from '../../compose/native/addresses';
import { Datacenters } from '../../compose/native/datacenters';
import { call } from '../end-to-end/api';
import { type CassandraNodes, datacenterAt } from './cassandra-nodes';
import { JWT_SECRET, SERVICE_SECRET } from './keys';
import { RoleProcess } from './role-process';
import { reactionsOf, rowsOf } from './rows';

/** The dispatchers of a datacenter: if one is killed, the other takes over. */
const DISPATCHERS = 2;

/** A datacenter's roles. */
export interface PeerSite {
  readonly name: string;
  /** A producer and a frontend in one process: the first public server. */
  readonly server: RoleProcess;
  /** All public servers. */
  readonly servers: readonly RoleProcess[];
  readonly dispatchers: readonly RoleProcess[];
}

export interface PeerSitesOptions {
  readonly fullSpeed?: boolean;
  /** The public servers of each datacenter; 1 if not given. */
  readonly servers?: number;
  readonly moreTopics?: readonly string[];
  /** A Cassandra node in each datacenter; one Cassandra for all if not given. */
  readonly cassandras?: CassandraNodes;
}

/** Several datacenters on this machine with MirrorMaker between them, each with its roles. */
export class PeerSites {
  readonly datacenters: Datacenters;
  readonly sites: PeerSite[] = [];
  token = '';
  private readonly folder = mkdtempSync(join(tmpdir(), 'likestream-peers-'));

  constructor(
    readonly names: readonly string[] = ['dc1', 'dc2'],
    private readonly options: PeerSitesOptions = {},
  ) {
    const { cassandras, fullSpeed = false, moreTopics = [] } = options;
    this.datacenters = new Datacenters({
      ...{ folder: this.folder, names, fullSpeed, moreTopics },
      ...(cassandras && { cassandras: cassandras.nodes, ports: cassandras.ports }),
    });
  }

  /** `more` are settings of the roles. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.startServers();
    for (const [at, name] of this.names.entries()) {
      const cassandra = this.options.cassandras?.settingsAt(at);
      this.sites.push(await this.startSite(name, { ...cassandra, ...more }));
    }
  }

  /** Starts the servers, without roles. */
  async startServers(): Promise<void> {
    await this.options.cassandras?.start();
    this.token = await this.tokenOf('ann');
    await this.datacenters.start();
  }

  /** A token of a member, for an hour. */
  tokenOf(memberId: string): Promise<string> {
    const claims = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(memberId);
    return claims.setExpirationTime('1h').sign(Buffer.from(JWT_SECRET));
  }

  /** The `at`-th datacenter; throws if there is none. */
  site(at: number): PeerSite {
    const site = this.sites[at];
    if (!site) throw new Error(`there is no datacenter ${at}`);
    return site;
  }

  get headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.token}` };
  }

  /** The total from the `at`-th datacenter. */
  total(at: number, videoId: string): Promise<number> {
    return this.totalAt(this.site(at).server.url, videoId);
  }

  /** The total from the producer at `url`. */
  async totalAt(url: string, videoId: string): Promise<number> {
    const { headers } = this;
    const answer = await call(url, 'GET', `/videos/${videoId}/likes`, { headers });
    return Number(JSON.parse(answer.text).total);
  }

  /** The ids of a video's rows in the shared Cassandra. */
  rows(videoId: string): Promise<Set<string>> {
    const [first = ''] = this.names;
    return rowsOf(this.datacenters.addresses(first).cassandra, videoId);
  }

  /** The reaction of each row in the shared Cassandra, by its id. */
  reactions(videoId: string): Promise<Map<string, string>> {
    const [first = ''] = this.names;
    return reactionsOf(this.datacenters.addresses(first).cassandra, videoId);
  }

  /** The reaction of each row by its id, from each datacenter's Cassandra. */
  async reactionsInEach(videoId: string): Promise<Map<string, string>[]> {
    if (!this.options.cassandras) return [await this.reactions(videoId)];
    return Promise.all(
      this.names.map((name, at) =>
        reactionsOf(this.datacenters.addresses(name).cassandra, videoId, datacenterAt(at)),
      ),
    );
  }

  /** All processes of all roles. */
  get processes(): readonly RoleProcess[] {
    return this.sites.flatMap(({ dispatchers, servers }) => [...servers, ...dispatchers]);
  }

  async end(): Promise<void> {
    await Promise.all(this.processes.map((role) => role.end('SIGTERM')));
    await this.datacenters.reset();
    await this.options.cassandras?.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async startSite(name: string, more: Readonly<Record<string, string>>): Promise<PeerSite> {
    const addresses = environmentOf(this.datacenters.addresses(name));
    const keys = { JWT_SECRET, SERVICE_SECRET };
    const env = { ...addresses, ...this.datacenters.peersOf(name), ...keys, ...more };
    const dispatchers: RoleProcess[] = [];
    for (let at = 0; at < DISPATCHERS; at++) {
      dispatchers.push(await RoleProcess.start('dispatcher', env));
    }
    const server = await RoleProcess.start('producer,frontend', env);
    const servers = [server];
    while (servers.length < (this.options.servers ?? 1)) {
      servers.push(await RoleProcess.start('producer,frontend', env));
    }
    return { name, server, servers, dispatchers };
  }
}
