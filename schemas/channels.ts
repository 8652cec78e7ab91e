/** The name of a channel, as in `video:42`: the kind of its event type, and an id. */
export function channelOf(type: { readonly channelKind: string }, id: string): string {
  return `${type.channelKind}:${id}`;
}

/** The id in a channel's name. */
export function idIn(channel: string): string {
  return channel.slice(channel.indexOf(':') + 1);
}
