/**
 * Cassandra's tables.
 * - `likes`: one row an id. A partition is a channel and a shard; the key has no time. `copies` has
 *   the first copy in each origin's log: offset, member, reaction, time. `withdrawn` has the
 *   origins whose logs have cancelled their copy.
 * - `states`: a saved state, in one cell.
 * - `logs`: the topic in whose offsets an origin's versions count; `life` is Kafka's topic id.
 * - `drains`: the state of a log's drain, and the end of each of its partitions.
 * - `processes`: the beat of each producer and dispatcher.
 */
export const TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS likes (
    channel text, shard int, like_id text,
    copies map<text, frozen<tuple<bigint, text, text, bigint>>>, withdrawn set<text>,
    PRIMARY KEY ((channel, shard), like_id)
  )`,
  `CREATE TABLE IF NOT EXISTS states (
    channel text, origin text, state text,
    PRIMARY KEY (channel, origin)
  )`,
  `CREATE TABLE IF NOT EXISTS logs (
    origin text, topic text, life text, partitions int,
    PRIMARY KEY (origin, topic)
  )`,
  `CREATE TABLE IF NOT EXISTS drains (
    origin text, partition int, state text static, end_offset bigint,
    PRIMARY KEY (origin, partition)
  )`,
  `CREATE TABLE IF NOT EXISTS processes (
    datacenter text, id text, role text, origin text, beat bigint,
    PRIMARY KEY (datacenter, id)
  )`,
];
