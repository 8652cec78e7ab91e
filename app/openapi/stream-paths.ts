import { MAX_CHANNELS_PER_STREAM } from '../../frontends/viewers/sessions';
import type { EventType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import { inPath, inQuery, operation, pascal } from './operations';
import { type Json, objectOf } from './shapes';
import { eventsOf, snapshotFields } from './type-shapes';

const TAG = 'stream';
const SESSION_TAG = 'session';

const CHANNEL: Json = { $ref: '#/components/schemas/Channel' };
const CONNECTION_ID: Json = { type: 'string', description: '`connectionId` of `ready`.' };
const LAST_ID = 'Where to continue; given several times, the newest id first.';
const TEXTS: Json = { type: 'array', items: { type: 'string' } };
const DONE: Json = { 204: { description: 'Done; or nothing had to change.' } };

/** The paths of streams, and of the cookie that carries a member's token. */
export function streamPaths(types: EventTypes): Json {
  const events = inQuery('events', { type: 'string' }, 'Names of event types, by comma.');
  const lastEventId = inQuery('lastEventId', TEXTS, LAST_ID);
  return {
    '/stream': { get: streamOf(types, [events, lastEventId]) },
    '/stream/{connectionId}/channels/{channel}': {
      parameters: [inPath('connectionId', CONNECTION_ID), inPath('channel', CHANNEL)],
      put: operation({
        id: 'joinChannel',
        summary: 'Joins a channel on an open stream',
        tag: TAG,
        parameters: [events, lastEventId],
        answers: DONE,
      }),
      delete: operation({
        id: 'leaveChannel',
        summary: 'Leaves a channel on an open stream',
        tag: TAG,
        answers: DONE,
      }),
    },
    '/stream/{connectionId}/token': {
      parameters: [inPath('connectionId', CONNECTION_ID)],
      put: operation({
        id: 'renewStream',
        summary: 'Lets an open stream end with a newer token',
        tag: TAG,
        answers: DONE,
      }),
    },
    '/session': {
      post: operation({
        id: 'startSession',
        summary: 'Sets the cookie with the token of `Authorization`',
        tag: SESSION_TAG,
        security: [{ token: [] }],
        answers: DONE,
      }),
      delete: operation({
        id: 'endSession',
        summary: 'Removes the cookie',
        tag: SESSION_TAG,
        answers: DONE,
      }),
    },
  };
}

function streamOf(types: EventTypes, parameters: readonly Json[]): Json {
  const channels = {
    type: 'array',
    minItems: 1,
    maxItems: MAX_CHANNELS_PER_STREAM,
    items: CHANNEL,
  };
  const names = Object.keys(eventShapes(types));
  const events = names.map((name) => [
    name,
    { $ref: `#/components/schemas/${eventShapeName(name)}` },
  ]);
  const content = {
    'text/event-stream': {
      schema: {
        type: 'string',
        contentMediaType: 'text/event-stream',
        contentSchema: objectOf(Object.fromEntries(events), names),
      },
    },
  };
  const lastId = { name: 'Last-Event-ID', in: 'header', schema: { type: 'string' } };
  return operation({
    id: 'openStream',
    summary: 'Server-sent events of channels',
    tag: TAG,
    security: [{ token: [] }, { cookie: [] }, { tokenInQuery: [] }, {}],
    parameters: [
      inQuery('channel', channels, 'Given once for each channel.', true),
      ...parameters,
      lastId,
    ],
    answers: {
      200: {
        description:
          'A stream. A temporary error is one, too: `retry:`, the event `bye`, and its end. The ' +
          'data of each event has the shape of its name in `contentSchema`.',
        content,
      },
    },
  });
}

/** The shapes of streams, by the names that operations refer to. */
export function streamShapes(types: EventTypes): Json {
  const shapes = Object.entries(eventShapes(types));
  const kinds = types.kinds.join('|');
  return {
    Channel: { type: 'string', pattern: `^(${kinds}):(?!\\.{1,2}$)[A-Za-z0-9_.-]{1,64}$` },
    ...Object.fromEntries(shapes.map(([name, shape]) => [eventShapeName(name), shape])),
  };
}

function eventShapeName(event: string): string {
  return `${pascal(event)}Event`;
}

/** The shape of each event's data; several types may have one of the same name. */
function eventShapes({ all }: EventTypes): Json {
  const text = { type: 'string' };
  const shapes: Record<string, unknown> = {
    ready: objectOf({ connectionId: text, channels: { type: 'array', items: CHANNEL } }),
    snapshot: snapshotShape(all),
  };
  for (const [event, shape] of all.flatMap((type) => Object.entries(eventsOf(type)))) {
    const other = shapes[event];
    shapes[event] = other ? { anyOf: [other, shape] } : shape;
  }
  shapes.ping = objectOf({});
  shapes.bye = objectOf({ reason: text, retryMs: { type: 'integer' } });
  return shapes;
}

function snapshotShape(all: readonly EventType[]): Json {
  const fields: Json = Object.assign({}, ...all.map(snapshotFields));
  const seen = { type: 'object', additionalProperties: { type: 'string' } };
  return objectOf({ channel: CHANNEL, ...fields, seen }, [...Object.keys(fields), 'seen']);
}
