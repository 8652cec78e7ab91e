import type { ChannelEvent, StreamEvent } from './events';
import type { Status } from './types';
import type { Wants } from './wants';

/** What the tabs of one site and member send each other, by kind; builds agree on it. */
export interface Messages {
  /** What a tab wants now. A new tab gets the answers of all others. */
  tab(tab: string, wants: Wants, isNew: boolean): void;
  event(event: StreamEvent, id: string | undefined): void;
  status(status: Status): void;
  /** What the leading tab knows, for a new one. */
  state(tab: string, events: readonly ChannelEvent[], lastId: string, status: Status): void;
  cut(): void;
}

/** A message; a tuple, so that builds agree on it. */
export type Message = {
  [Kind in keyof Messages]: readonly [kind: Kind, ...Parameters<Messages[Kind]>];
}[keyof Messages];

/** Calls the receiver of a message; one of another build may be of a kind that has none here. */
export function dispatch(receivers: Messages, [kind, ...fields]: Message): void {
  try {
    (receivers[kind] as undefined | ((...given: unknown[]) => void))?.(...fields);
  } catch (error) {
    // A page's handler threw: the stream goes on.
    reportError(error);
  }
}

export type Tell = (...message: Message) => void;
