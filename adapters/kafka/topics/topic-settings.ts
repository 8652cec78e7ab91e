import { type Admin, ConfigResourceTypes, type DescribeConfigResponse } from 'kafkajs';
import { pause, systemClock } from '../../../runtime/clock';
import { LikestreamError } from '../../../schemas/errors';

/** `configSource` of a setting of the topic itself, in Kafka's DescribeConfigs. */
const TOPIC_CONFIG = 1;

const APPEND_TIME = { name: 'message.timestamp.type', value: 'LogAppendTime' };

/** Above a batch of appends (900,000 bytes, `append/event-log.ts`) and Kafka's overhead. */
const MIN_MESSAGE_BYTES = 1_000_000;
/** Kafka's own default. */
export const MESSAGE_BYTES = 1_048_588;

/** How long Kafka keeps moments, and how long a segment of them is written, ms. */
const MOMENT_RETENTION_MS = 120_000;
const MOMENT_SEGMENT_MS = 60_000;

/** Look-ups of altered settings until the broker shows them, and the time between two. */
const MAX_LOOKS = 50;
const BETWEEN_LOOKS_MS = 100;

type Described = DescribeConfigResponse['resources'][number];
type Setting = Described['configEntries'][number];

/** A setting that a topic needs. */
export interface Wanted {
  readonly name: string;
  readonly value: string;
  readonly isRight: (value: string) => boolean;
}

/**
 * The topic settings that protect acknowledged records and their append times: two in-sync replicas
 * if there are three, no leader that lacks records, and append times from the broker's clock, by
 * which owners find duplicates.
 */
export function wantedSettings(replicas: number): readonly Wanted[] {
  const minInSync = replicas >= 3 ? 2 : 1;
  return [
    equal(APPEND_TIME.name, APPEND_TIME.value),
    equal('unclean.leader.election.enable', 'false'),
    atLeast('min.insync.replicas', minInSync, minInSync),
    atLeast('max.message.bytes', MIN_MESSAGE_BYTES, MESSAGE_BYTES),
  ];
}

/** The settings of a topic of moments. */
export function momentSettings(replicas: number): readonly Wanted[] {
  return [
    ...wantedSettings(replicas),
    equal('retention.ms', String(MOMENT_RETENTION_MS)),
    // Kafka removes whole segments only.
    equal('segment.ms', String(MOMENT_SEGMENT_MS)),
  ];
}

/**
 * Compares the settings of existing topics with those that are needed, and alters those that
 * differ. If Kafka forbids that, calls `warn` with one line. Rejects with `log_mismatch` for a
 * topic without the broker's append times, because totals could be wrong. `replicas` is by topic.
 */
export async function setUpTopicSettings(
  admin: Pick<Admin, 'describeConfigs' | 'alterConfigs'>,
  replicas: ReadonlyMap<string, number>,
  warn: (line: string) => void,
  wantedOf = wantedSettings,
): Promise<void> {
  const refusals: string[] = [];
  for (const topic of await describe(admin, [...replicas.keys()])) {
    const wrong = wrongSettings(topic, wantedOf(replicas.get(topic.resourceName) ?? 1));
    if (wrong.length === 0) continue;
    try {
      await alter(admin, topic, wrong);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals.push(`${topic.resourceName}: ${wrong.map(toText).join(', ')} (${error.message})`);
    }
  }
  if (refusals.length > 0) warn(`cannot alter topics; set yourself ${refusals.join('; ')}`);
  // A broker shows altered settings a moment later, and refused ones never.
  const looks = refusals.length > 0 ? 1 : MAX_LOOKS;
  await requireAppendTime(admin, [...replicas.keys()], looks);
}

/** The settings that differ from those that are needed. */
function wrongSettings({ configEntries }: Described, wanted: readonly Wanted[]): Wanted[] {
  return wanted.filter(({ isRight, name }) => {
    const setting = configEntries.find(({ configName }) => configName === name);
    return !isRight(setting?.configValue ?? '');
  });
}

/** Replaces one setting of a topic, and keeps its others. Resolves with whether Kafka allows it. */
export async function setTopicSetting(
  admin: Pick<Admin, 'describeConfigs' | 'alterConfigs'>,
  topic: string,
  name: string,
  value: string,
): Promise<boolean> {
  const described = await describe(admin, [topic]);
  try {
    for (const each of described) await alter(admin, each, [{ name, value }]);
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
}

/** AlterConfigs replaces all settings of a topic, so the request repeats those that it has. */
async function alter(
  admin: Pick<Admin, 'alterConfigs'>,
  { configEntries, resourceName }: Described,
  wrong: readonly Pick<Wanted, 'name' | 'value'>[],
): Promise<void> {
  const settings = new Map<string, string>();
  for (const setting of configEntries) {
    if (isOfTopic(setting)) settings.set(setting.configName, setting.configValue);
  }
  for (const { name, value } of wrong) settings.set(name, value);
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: ConfigResourceTypes.TOPIC,
        name: resourceName,
        configEntries: [...settings].map(([name, value]) => ({ name, value })),
      },
    ],
  });
}

async function requireAppendTime(
  admin: Pick<Admin, 'describeConfigs'>,
  topics: readonly string[],
  maxLooks: number,
): Promise<void> {
  let without: Described[] = [];
  for (let looks = 1; looks <= maxLooks; looks++) {
    without = (await describe(admin, topics)).filter((topic) => !hasAppendTime(topic));
    if (without.length === 0) return;
    if (looks < maxLooks) await pause(systemClock, BETWEEN_LOOKS_MS);
  }
  const names = without.map(({ resourceName }) => resourceName).join(', ');
  throw new LikestreamError(
    'log_mismatch',
    `${names}: set ${toText(APPEND_TIME)} on these topics. Without it a producer's clock would ` +
      'decide which entries are duplicates, and totals could be wrong',
  );
}

function hasAppendTime({ configEntries }: Described): boolean {
  return configEntries.some(
    ({ configName, configValue }) =>
      configName === APPEND_TIME.name && configValue === APPEND_TIME.value,
  );
}

async function describe(
  admin: Pick<Admin, 'describeConfigs'>,
  topics: readonly string[],
): Promise<Described[]> {
  const resources = topics.map((name) => ({ type: ConfigResourceTypes.TOPIC, name }));
  try {
    return (await admin.describeConfigs({ resources, includeSynonyms: false })).resources;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new LikestreamError(
      'log_mismatch',
      `the settings of ${topics.join(', ')} cannot be read (${error.message}): allow ` +
        'DescribeConfigs on these topics',
      { cause: error },
    );
  }
}

/** Whether Kafka will refuse the request again if it is repeated. */
function isRefusal(error: unknown): error is Error {
  const type = error instanceof Error && 'type' in error ? String(error.type) : '';
  return /AUTHORIZATION_FAILED|POLICY_VIOLATION|INVALID_CONFIG|UNSUPPORTED_VERSION/.test(type);
}

/** Kafka before 1.1 returns no source, but whether a setting is the default. */
function isOfTopic({ configSource, isDefault, readOnly }: Setting): boolean {
  if (readOnly) return false;
  const isSourceKnown = Number(configSource) > 0;
  return isSourceKnown ? Number(configSource) === TOPIC_CONFIG : !isDefault;
}

function equal(name: string, value: string): Wanted {
  return { name, value, isRight: (found) => found === value };
}

function atLeast(name: string, least: number, value: number): Wanted {
  return { name, value: String(value), isRight: (found) => Number(found) >= least };
}

function toText({ name, value }: { name: string; value: string }): string {
  return `${name}=${value}`;
}
