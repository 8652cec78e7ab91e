import type { KafkaSecurity } from '../client/security';
import { askBroker } from './ask';
import { WireReader, WireWriter } from './wire';

const DESCRIBE_GROUPS_KEY = 15;
const DESCRIBE_GROUPS_VERSION = 5;
const NOT_ALLOWED = 30;

/** What the asking user may do with consumer groups: a bit for each of Kafka's AclOperations. */
export type GroupRights = ReadonlyMap<string, number>;

/**
 * Asks a broker for our rights on groups (Kafka protocol, DescribeGroups, version 5). It knows
 * those that we may not describe, and those that it coordinates; others are left out.
 */
export async function groupRights(
  broker: string,
  groups: readonly string[],
  security?: KafkaSecurity,
): Promise<GroupRights> {
  const reader = new WireReader(await askBroker(broker, request(groups), security));
  reader.int32();
  reader.tags();
  reader.int32();
  const found = reader.list(() => readGroup(reader));
  return new Map(
    found.flatMap(({ error, group, rights }) => {
      if (error === NOT_ALLOWED) return [[group, 0] as const];
      return error === 0 ? [[group, rights] as const] : [];
    }),
  );
}

function request(groups: readonly string[]): Buffer {
  const writer = new WireWriter();
  writer.int16(DESCRIBE_GROUPS_KEY).int16(DESCRIBE_GROUPS_VERSION).int32(1);
  writer.nullableString('likestream').tags().count(groups.length);
  for (const group of groups) writer.compactString(group);
  const withRights = true;
  return writer.bool(withRights).tags().framed();
}

function readGroup(reader: WireReader) {
  const error = reader.int16();
  const group = reader.compactString() ?? '';
  skipTexts(reader, ['state', 'protocol type', 'protocol']);
  reader.list(() => {
    skipTexts(reader, ['member', 'instance', 'client', 'host', 'metadata', 'assignment']);
    reader.tags();
  });
  const rights = reader.int32();
  reader.tags();
  return { error, group, rights };
}

function skipTexts(reader: WireReader, names: readonly string[]): void {
  for (const _ of names) reader.compactString();
}
