import { z } from 'zod';
import { DEFAULT_NAMESPACE } from '../../schemas/names';
import { PARTITIONS } from '../../schemas/partitions';
import { SETTING_INFO } from './setting-info';
import { count, datacenter, list } from './shapes';

/** Further partitions would cost a broker more than they bring. */
const MAX_PARTITIONS = 1_024;

/** The datacenters, and their logs. */
export const DATACENTER_SETTINGS = {
  NAMESPACE: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,31}$/)
    .default(DEFAULT_NAMESPACE)
    .register(SETTING_INFO, {
      text: 'first part of the name of each topic, consumer group, keyspace and Redis key',
      note:
        'Several installations can share servers under different names. All datacenters of one ' +
        'installation need the same one; never change it.',
    }),
  DATACENTER: datacenter.default('dc1').register(SETTING_INFO, {
    text: 'name of this datacenter; never change it',
    note: 'It is part of the origin of every version.',
  }),
  PEER_DATACENTERS: list(datacenter).default([]).register(SETTING_INFO, {
    text: 'names of the other datacenters, by comma',
    note: 'MirrorMaker must copy the topics `NAMESPACE.updates.TYPE` between all of them.',
  }),
  LOG_GENERATION: count.min(1).default(1).register(SETTING_INFO, {
    text: "generation of this datacenter's log",
    note: 'Set it one higher for every process after `npm run drain` or `npm run recount`.',
  }),
  PARTITIONS: count
    .min(1)
    .max(MAX_PARTITIONS)
    .optional()
    .register(SETTING_INFO, {
      text: 'partitions of each topic of a new log generation',
      unset: `as in the generation before; ${PARTITIONS} in the first one`,
      note: 'All datacenters need the same number.',
    }),
};
