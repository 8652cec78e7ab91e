/**
 * The tables, for Cassandra. Likes are one row an id in partitions of a channel and a shard, with no
 * time in the key. `copies` has the first copy in each origin's log: offset, member, reaction, time.
 * `withdrawn` has the origins whose logs do not count their copy. A saved state is one cell; a log is
 * the topic that an origin's versions count in. A drain is the end of a log, by partition.
 * `processes` has a beat of each producer and dispatcher.
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
