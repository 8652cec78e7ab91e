import type { z } from 'zod';
import { cassandraProblems } from './cassandra';
import { kafkaProblems } from './kafka';
import { memberProblems } from './members';
import { redisProblems } from './redis';
import type { SETTINGS_SHAPE } from './table';

/** What can never work although each setting alone is right: `NAME: what to do`. */
export function settingProblems(settings: z.infer<typeof SETTINGS_SHAPE>): string[] {
  return [
    ...memberProblems(settings),
    ...kafkaProblems(settings),
    ...cassandraProblems(settings),
    ...redisProblems(settings),
  ];
}
