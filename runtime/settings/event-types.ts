import { DEFAULT_REACTIONS, reaction } from '../../schemas/likes';
import { SETTING_INFO } from './setting-info';
import { list, text } from './shapes';

/** The event types, and what they accept. */
export const EVENT_TYPE_SETTINGS = {
  EVENT_TYPES: list(text)
    .default([])
    .register(SETTING_INFO, {
      text: 'modules of further event types: paths, by comma',
      note:
        'Paths are relative to the working directory. Use the same modules in every process; ' +
        'docs/add-an-event-type.md describes them.',
    }),
  REACTIONS: list(reaction)
    .default(DEFAULT_REACTIONS)
    .register(SETTING_INFO, {
      text: 'reactions that are accepted, by comma',
      note:
        'Each one matches `[a-z0-9_]{1,32}`. A like without a reaction is a `like`, or the ' +
        'first of the list if it has no `like`.',
    }),
};
