/** Groups items by channel. Channels and items keep their order. */
export function byChannel<Item extends { readonly channel: string }>(
  items: readonly Item[],
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.channel);
    if (group) group.push(item);
    else groups.set(item.channel, [item]);
  }
  return groups;
}
