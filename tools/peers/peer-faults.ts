import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import type { Fault, FaultContext } from '../chaos/fault';
import type { SideLoadOptions } from '../chaos/side-load';
import type { PeerChaosSite } from './peer-chaos-site';

const DOWN_MS = 2_000;
const BEFORE_CUT_MS = 1_000;

/** Longer than the run's dedupe window, so that ids are looked up in the store. */
const CUT_MS = 15_000;

/** Most of it is the start of a JVM. */
const MIRROR_RECOVERY_MS = 60_000;

/** MirrorMaker's own topics, with its offsets among them. */
const MIRROR_TOPIC = /^(mm2-|heartbeats$|.*\.internal$)/;

/** Likes that are posted to both datacenters, at once or a second later, as by a retry. */
const TO_BOTH: SideLoadOptions = { rate: 20, batch: 1, answerTimeoutMs: 5_000, copies: 0.5 };
const WITH_OTHER_REACTIONS: SideLoadOptions = { ...TO_BOTH, copiesDiffer: true };
const POSTED_MS = 5_000;

type PeerFault = Fault<PeerChaosSite>;
type Context = FaultContext<PeerChaosSite>;

/** All kinds of faults in two datacenters. */
export const PEER_FAULTS: readonly PeerFault[] = [
  { name: 'link cut 15 s', strike: cutLink, recoverWithinMs: MIRROR_RECOVERY_MS },
  { name: 'MirrorMaker starts over', strike: startOver, recoverWithinMs: MIRROR_RECOVERY_MS },
  { name: "Cassandra's link cut 15 s", strike: cutCassandra },
  { name: 'both links cut 15 s', strike: cutBoth, recoverWithinMs: MIRROR_RECOVERY_MS },
  { name: 'likes to both with other reactions', strike: postToBoth },
  { name: 'dispatcher of each killed', strike: killDispatchers },
  { name: 'public server killed', strike: killServer },
  { name: 'redis of one emptied', strike: emptyRedis },
];

async function cutLink({ load, site }: Context): Promise<void> {
  const { datacenters } = site.peers;
  const twice = load(WITH_OTHER_REACTIONS);
  await pause(BEFORE_CUT_MS);
  await datacenters.mirror.kill();
  await pause(CUT_MS);
  await datacenters.link();
  void twice.stop();
}

/** MirrorMaker loses its offsets, and mirrors all updates again from the first. */
async function startOver({ site }: Context): Promise<void> {
  const { datacenters, names } = site.peers;
  await datacenters.mirror.kill();
  for (const name of names) await deleteMirrorTopics(datacenters.addresses(name).kafka);
  await datacenters.link();
}

async function deleteMirrorTopics(broker: string): Promise<void> {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((name) => MIRROR_TOPIC.test(name));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}

async function cutCassandra({ load, site }: Context): Promise<void> {
  const twice = load(WITH_OTHER_REACTIONS);
  await pause(BEFORE_CUT_MS);
  site.cassandras.cut();
  await pause(CUT_MS);
  site.cassandras.mend();
  void twice.stop();
}

async function cutBoth({ load, site }: Context): Promise<void> {
  const { datacenters } = site.peers;
  const twice = load(TO_BOTH);
  await pause(BEFORE_CUT_MS);
  site.cassandras.cut();
  await datacenters.mirror.kill();
  await pause(CUT_MS);
  await datacenters.link();
  site.cassandras.mend();
  void twice.stop();
}

async function postToBoth({ load }: Context): Promise<void> {
  const twice = load(WITH_OTHER_REACTIONS);
  await pause(POSTED_MS);
  await twice.stop();
}

async function killDispatchers({ pick, site, supervisor }: Context): Promise<void> {
  const killed = site.peers.sites.flatMap(({ dispatchers }) => {
    const one = dispatchers[pick(dispatchers.length)];
    return one ? [one] : [];
  });
  await Promise.all(killed.map((one) => one.end('SIGKILL')));
  await pause(DOWN_MS);
  await Promise.all(killed.map((one) => supervisor.start(one)));
}

async function killServer({ pick, site, supervisor }: Context): Promise<void> {
  const { server } = site.peers.site(pick(site.peers.sites.length));
  await server.end('SIGKILL');
  await pause(DOWN_MS);
  await supervisor.start(server);
}

async function emptyRedis({ pick, site }: Context): Promise<void> {
  const { datacenters, names } = site.peers;
  const name = names[pick(names.length)] ?? '';
  const redis = new Redis(datacenters.addresses(name).redis);
  await redis.flushall();
  redis.disconnect();
}
