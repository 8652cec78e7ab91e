import { resolve } from 'node:path';
import { types } from 'node:util';
import { z } from 'zod';
import type { Settings } from '../runtime/settings/settings';
import { attributes } from '../schemas/attributes';
import { comments } from '../schemas/comments';
import { type EventType, eventType, type LoggedType } from '../schemas/event-type';
import { EventTypes } from '../schemas/event-types';
import { likesOf } from '../schemas/likes';
import { append } from '../schemas/policies/append';
import { counter } from '../schemas/policies/counter';
import { latest } from '../schemas/policies/latest';
import { presence } from '../schemas/presence';
import { receipts } from '../schemas/receipts';
import { typing } from '../schemas/typing';
import { viewers } from '../schemas/viewers';
import { visitors } from '../schemas/visitors';
import { compiledFields } from './compiled-fields';

/** What a module of `EVENT_TYPES` is given to build its type. */
export const TYPE_TOOLS = { append, eventType, counter, latest, z };

/** Builds an event type; a module of `EVENT_TYPES` exports one such function. */
export type BuildEventType = (tools: typeof TYPE_TOOLS) => LoggedType;

/** Names of Cassandra's other tables, and of the topics of updates and moments. */
const RESERVED_TABLES = [
  ...['states', 'logs', 'drains', 'processes', 'installation', 'facts'],
  ...['history', 'history-buckets'],
];
const RESERVED_TOPICS = ['updates', 'moments'];

/** First parts of other public paths; `GET /NAME?KINDId=` is a path of each type. */
const RESERVED_PATHS = ['stream', 'session', 'admin'];

/** Topics that MirrorMaker never copies end so. */
const UNMIRRORED_NAME = /(^|-)internal$|^replica$/;

/** In the directory, dispatchers watch a channel of this kind. */
const RESERVED_KINDS = ['role'];

/** Fields that every answer has besides the id, the channel's id and the body. */
const ANSWER_FIELDS = ['at', 'place'];

/** Fields that a snapshot, or an answer to a GET, has besides those of its types. */
const SNAPSHOT_FIELDS = ['channel', 'id', 'seen'];

/** The fields of a body that `PUT` of a name writes. */
const CELL_FIELDS = ['name', 'stamp', 'value'];

/** By a field of a type, the methods of its policy that are needed with it. */
const NEEDED_METHODS = {
  hasHistory: ['numberOf', 'recent'],
  isDeletable: ['remove'],
  call: ['admit', 'cell'],
} as const satisfies Partial<Record<keyof LoggedType, readonly (keyof LoggedType['policy'])[]>>;

/**
 * The event types of this process: the built-in ones and those of the modules of `EVENT_TYPES`,
 * whose paths are relative to the working directory. Throws an Error of one line that names the
 * module and, if a field is wrong, the field.
 */
export function eventTypesOf(
  settings: Pick<Settings, 'EVENT_TYPES' | 'REACTIONS'>,
  directory: string = process.cwd(),
): EventTypes {
  const all: EventType[] = builtInTypes(settings);
  for (const path of settings.EVENT_TYPES) {
    const build = loadModule(path, directory);
    try {
      const type = verified(build(TYPE_TOOLS));
      requireDistinctTypes(type, all);
      all.push(type);
    } catch (error) {
      throw wrong(path, firstLine(error));
    }
  }
  return new EventTypes(all);
}

/** In the order in which a channel's events are sent together. */
function builtInTypes({ REACTIONS }: Pick<Settings, 'REACTIONS'>): EventType[] {
  const ofVideos = [likesOf(REACTIONS), comments, viewers, visitors, attributes];
  return [...ofVideos, receipts, typing, presence];
}

/** Types have names of their own, and those of one kind of channel share its snapshots. */
function requireDistinctTypes(type: EventType, others: readonly EventType[]): void {
  if (others.some(({ name }) => name === type.name)) {
    throw new Error(`name: there is already an event type ${type.name}`);
  }
  const ofKind = others.filter(({ channelKind }) => channelKind === type.channelKind);
  const taken = new Set([
    ...SNAPSHOT_FIELDS,
    `${type.channelKind}Id`,
    ...ofKind.flatMap(snapshotFieldsOf),
  ]);
  const shared = snapshotFieldsOf(type).find((field) => taken.has(field));
  if (shared) throw new Error(`policy: the field ${shared} of snapshots is another one's`);
}

function snapshotFieldsOf({ policy }: EventType): string[] {
  return Object.keys(policy.snapshot(policy.view({})));
}

function loadModule(path: string, directory: string): BuildEventType {
  const build = exportOf(required(path, directory));
  if (typeof build === 'function') return build as BuildEventType;
  throw wrong(path, 'it must export a function that returns an event type');
}

function required(path: string, directory: string): unknown {
  try {
    return require(resolve(directory, path));
  } catch (error) {
    throw wrong(path, firstLine(error));
  }
}

/** The default export of a compiled ECMAScript module, else all that the module exports. */
function exportOf(loaded: unknown): unknown {
  const isObject = typeof loaded === 'object' && loaded !== null;
  return isObject && 'default' in loaded ? loaded.default : loaded;
}

/** Verifies what the compiler verifies in this tree; throws an Error that names the field. */
function verified(built: unknown): LoggedType {
  const parsed = compiledFields.safeParse(built);
  const [issue] = parsed.error?.issues ?? [];
  if (issue) throw new Error(`${issue.path.join('.') || 'result'}: ${issue.message}`);
  const type = eventType(built as LoggedType);
  if (isReserved(type.name)) throw new Error(`name: ${type.name} is reserved`);
  if (RESERVED_KINDS.includes(type.channelKind)) {
    throw new Error(`channelKind: ${type.channelKind} is reserved`);
  }
  const empty = type.policy.state.safeParse(type.policy.empty);
  // Otherwise each state that is folded from it would be refused when it is read.
  if (!empty.success) throw new Error('policy.empty: must have the shape of policy.state');
  requireMethods(type);
  if (type.call === 'put-by-name') requireCellBody(type);
  else requireAllColumns(type);
  requireDistinctFields(type);
  return type;
}

function isReserved(name: string): boolean {
  const reserved = [...RESERVED_TABLES, ...RESERVED_TOPICS, ...RESERVED_PATHS];
  return reserved.includes(name) || UNMIRRORED_NAME.test(name);
}

function requireMethods(type: LoggedType): void {
  for (const [field, methods] of Object.entries(NEEDED_METHODS)) {
    const value: unknown = Reflect.get(type, field);
    if (value !== true && value !== 'put-by-name') continue;
    const missing = methods.find((name) => typeof type.policy[name] !== 'function');
    if (missing) throw new Error(`policy.${missing}: ${field} ${String(value)} needs it`);
  }
  const { idFrom, maxPerRequest, policy } = type;
  if (policy.admit && maxPerRequest > 1) {
    throw new Error('maxPerRequest: must be 1 if the policy decides over each entry');
  }
  if (type.rows === 'none' && idFrom !== 'server') {
    throw new Error("idFrom: must be 'server' without rows, because repeats are not found");
  }
}

/** A body of a name has the fields that the routes write. */
function requireCellBody({ body, columns, idFrom }: LoggedType): void {
  const fields = fieldsOf(body).sort();
  if (fields.join() !== CELL_FIELDS.join() || Object.keys(columns).length > 0) {
    throw new Error(`body: must have the fields ${CELL_FIELDS.join(', ')}, and no columns`);
  }
  if (idFrom !== 'server') throw new Error("idFrom: must be 'server' with call 'put-by-name'");
}

function fieldsOf(body: z.ZodType): string[] {
  return body instanceof z.ZodObject ? Object.keys(body.shape) : [];
}

/** Requests, answers and rows have the fields that are columns. */
function requireAllColumns({ body, columns }: LoggedType): void {
  const fields = fieldsOf(body);
  const isSame =
    fields.length === Object.keys(columns).length &&
    fields.every((field) => Object.hasOwn(columns, field));
  if (!isSame) throw new Error(`columns: must be the fields of body: ${fields.join(', ')}`);
}

/** The id, the channel's id, the body and `ANSWER_FIELDS` are fields of one answer. */
function requireDistinctFields({ channelKind, columns, idName, name }: LoggedType): void {
  const fields = [idName, ...Object.keys(columns)];
  const taken = new Set([...ANSWER_FIELDS, `${channelKind}Id`, name]);
  for (const field of fields) {
    if (taken.has(field)) throw new Error(`${field}: an answer has another field of this name`);
    taken.add(field);
  }
}

function wrong(path: string, why: string): Error {
  return new Error(`EVENT_TYPES: ${path}: ${why}`);
}

/** Errors of modules may have several lines: Node appends the files that required them. */
function firstLine(error: unknown): string {
  const [line = ''] = (types.isNativeError(error) ? error.message : String(error)).split('\n');
  return line;
}
