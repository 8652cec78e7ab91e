import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  ResourcePatternTypes,
} from 'kafkajs';
import { ROOT } from '../../compose/native/folders';

/** The rights of docs/operating.md, as its commands grant them. */
export const OPERATING = readFileSync(join(ROOT, 'docs', 'operating.md'), 'utf8');

/** The CQL statements of the document, with a password. */
export function documentedGrants(password: string): string[] {
  const [, block = ''] = /```cql\n([\s\S]*?)```/.exec(OPERATING) ?? [];
  const statements = block.replaceAll('$PASSWORD', password).split(';');
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== '');
}

/** One right of a `kafka-acls.sh` command. */
export type Acl = Parameters<Admin['createAcls']>[0]['acl'][number];

/** The rights that the document's `kafka-acls.sh` commands grant. */
export function documentedAcls(): Acl[] {
  const text = OPERATING.replaceAll('\\\n', ' ');
  return (text.match(/^kafka-acls\.sh .*--add.*$/gm) ?? []).flatMap(aclsOf);
}

function aclsOf(command: string): Acl[] {
  const valuesOf = (flag: string): string[] =>
    [...command.matchAll(new RegExp(`--${flag} (\\S+)`, 'g'))].map(([, value = '']) => value);
  const [topic] = valuesOf('topic');
  const [group = ''] = valuesOf('group');
  return valuesOf('operation').map((operation) => ({
    resourceType: topic === undefined ? AclResourceTypes.GROUP : AclResourceTypes.TOPIC,
    resourceName: topic ?? group,
    resourcePatternType: ResourcePatternTypes.PREFIXED,
    principal: valuesOf('allow-principal')[0] ?? '',
    host: '*',
    operation: operationOf(operation),
    permissionType: AclPermissionTypes.ALLOW,
  }));
}

function operationOf(name: string): AclOperationTypes {
  const key = name.replace(/(?<=.)([A-Z])/g, '_$1').toUpperCase();
  const found = Object.entries(AclOperationTypes).find(([each]) => each === key);
  if (typeof found?.[1] !== 'number') throw new Error(`Kafka has no operation ${name}`);
  return found[1];
}
