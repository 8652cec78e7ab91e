import type { EventType, LeasedType, LoggedType, MomentType } from '../../schemas/event-type';
import type { Policy } from '../../schemas/policy';
import { shapeName, shapeRef } from './operations';
import { fieldsOf, ID, type Json, objectOf, PLACE, TIME, VECTOR } from './shapes';

/** The parts of a type that have a name in the document. */
const PARTS = { request: 'Request', entry: 'Entry', state: 'State' };

/** The named shapes of the types. */
export function typeShapes(all: readonly EventType[]): Json {
  return Object.fromEntries(all.flatMap((type) => namedShapes(type, all)));
}

function namedShapes(type: EventType, all: readonly EventType[]): [string, Json][] {
  if (type.source === 'moments') return [];
  if (type.source === 'streams') {
    if (type.shownBy !== undefined) return [];
    return [[shapeName(type, PARTS.state), leasedState(type, all)]];
  }
  const shapes: [string, Json][] = [];
  if (type.call !== 'put-by-name') {
    shapes.push([shapeName(type, PARTS.request), newEntry(type).shape]);
    shapes.push([shapeName(type, PARTS.entry), entryOf(type)]);
  }
  if (!type.hasHistory) shapes.push([shapeName(type, PARTS.state), loggedState(type)]);
  return shapes;
}

/** The references to these shapes. */
export function entryRef(type: LoggedType): Json {
  return shapeRef(type, PARTS.entry);
}

export function stateRef(type: EventType): Json {
  return shapeRef(type, PARTS.state);
}

/** The shape of a request with entries of a type, and whether it needs a body. */
export function requestOf(type: LoggedType): { shape: Json; isRequired: boolean } {
  const { maxPerRequest, name } = type;
  const { isRequired } = newEntry(type);
  const items = shapeRef(type, PARTS.request);
  if (maxPerRequest === 1) return { shape: items, isRequired };
  const list = { type: 'array', minItems: 1, maxItems: maxPerRequest, items };
  return { shape: { anyOf: [items, strict(objectOf({ [name]: list }))] }, isRequired };
}

/** The shape of one entry of a request; null is a field that is not given. */
function newEntry({ body, columns, idFrom, idName, request = body }: LoggedType) {
  const { optional, properties } = fieldsOf(request, 'input');
  const fields: Record<string, unknown> = idFrom === 'client' ? { [idName]: orNull(ID) } : {};
  const required = Object.keys(columns).filter((column) => !optional.includes(column));
  for (const column of Object.keys(columns)) {
    const shape = properties[column] ?? {};
    fields[column] = required.includes(column) ? shape : orNull(shape);
  }
  const others = Object.keys(fields).filter((field) => !required.includes(field));
  return { shape: strict(objectOf(fields, others)), isRequired: required.length > 0 };
}

/** The shape of a moment's request. */
export function momentRequest({ body }: MomentType): { shape: Json; isRequired: boolean } {
  const { optional, properties } = fieldsOf(body, 'input');
  const isRequired = Object.keys(properties).length > optional.length;
  return { shape: strict(objectOf(properties, optional)), isRequired };
}

/** The shape of an entry as answers have it; a deleted one has its id alone. */
function entryOf(type: LoggedType): Json {
  const { body, channelKind, columns, hasHistory, idFrom, idName, isDeletable } = type;
  const { optional, properties } = fieldsOf(body, 'output');
  const fields: Record<string, unknown> = {};
  if (idFrom !== 'server') fields[idName] = ID;
  const deleted = objectOf({ ...fields, deleted: { const: true } });
  fields[`${channelKind}Id`] = ID;
  if (hasHistory) fields.memberId = ID;
  for (const column of Object.keys(columns)) fields[column] = properties[column] ?? {};
  const entry = objectOf({ ...fields, at: TIME, place: PLACE }, optional);
  return isDeletable ? { anyOf: [entry, deleted] } : entry;
}

/** The shape of one channel's state. */
function loggedState(type: LoggedType): Json {
  const { optional, properties } = readFields([type]);
  const id = { type: 'string', description: 'An event id that continues this state.' };
  const fields = { [`${type.channelKind}Id`]: ID, ...properties, id, seen: VECTOR };
  return objectOf(fields, optional);
}

function leasedState(type: LeasedType, all: readonly EventType[]): Json {
  const shown = all.filter((each) => each.source === 'streams' && each.shownBy === type.name);
  const { optional, properties } = readFields([type, ...shown]);
  return objectOf({ [`${type.channelKind}Id`]: ID, ...properties }, optional);
}

/** The fields of an answer to `GET`, from the policies of the types that it shows. */
function readFields(types: readonly EventType[]) {
  const all = types.map(({ policy }) => answerFields(policy));
  return {
    properties: Object.assign({}, ...all.map(({ properties }) => properties)) as Json,
    optional: all.flatMap(({ optional }) => optional),
  };
}

/** The shapes of a type's events, by event. */
export function eventsOf({ policy }: EventType): Json {
  const events = Object.entries(policy.shapes?.events ?? {});
  return Object.fromEntries(
    events.map(([event, shape]) => {
      const { optional, properties } = fieldsOf(shape, 'output');
      return [event, objectOf({ channel: { type: 'string' }, ...properties }, optional)];
    }),
  );
}

/** The fields of a snapshot that a type adds. */
export function snapshotFields({ policy }: EventType): Json {
  return fieldsIn(policy).properties;
}

function answerFields(policy: Policy) {
  const { answer } = policy.shapes ?? {};
  return answer ? fieldsOf(answer, 'output') : fieldsIn(policy);
}

/** Of a policy without shapes only the names of the fields are known. */
function fieldsIn(policy: Policy): { properties: Json; optional: readonly string[] } {
  const { snapshot } = policy.shapes ?? {};
  if (snapshot) return fieldsOf(snapshot, 'output');
  const view = policy.view({});
  const names = Object.keys(policy.answer?.(view) ?? policy.snapshot(view));
  return { properties: Object.fromEntries(names.map((name) => [name, {}])), optional: [] };
}

function orNull(shape: unknown): Json {
  return { anyOf: [shape, { type: 'null' }] };
}

function strict(shape: Json): Json {
  return { ...shape, additionalProperties: false };
}
