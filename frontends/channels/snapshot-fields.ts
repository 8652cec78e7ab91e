import type { FeedState } from './feed-state';

/** The most bytes of a snapshot of several feeds; further feeds are in another one. */
export const MAX_SNAPSHOT_BYTES = 32 * 1024;

/** The feeds of one snapshot, and its data as JSON. */
export interface Snapshot {
  readonly feeds: readonly FeedState[];
  readonly json: string;
}

/**
 * The snapshots of a channel's feeds: one, unless their fields are larger than
 * `MAX_SNAPSHOT_BYTES`. A moment of the member `exceptMember` is left out.
 */
export function snapshotsOf(
  channel: string,
  feeds: readonly FeedState[],
  exceptMember: string | undefined,
): readonly Snapshot[] {
  const all: Snapshot[] = [];
  let some: FeedState[] = [];
  let [fields, bytes] = ['', 0];
  const end = (): void => {
    if (some.length > 0) all.push({ feeds: some, json: jsonOf(channel, fields, some) });
    [some, fields, bytes] = [[], '', 0];
  };
  for (const feed of feeds) {
    const own = JSON.stringify(feed.type.policy.snapshot(viewFor(feed, exceptMember))).slice(1, -1);
    const more = Buffer.byteLength(own);
    if (bytes + more > MAX_SNAPSHOT_BYTES) end();
    some.push(feed);
    if (own !== '') fields += `,${own}`;
    bytes += more;
  }
  end();
  return all;
}

/** The data of a snapshot; `fields` begins with a comma. */
function jsonOf(channel: string, fields: string, feeds: readonly FeedState[]): string {
  const texts: Record<string, string> = {};
  for (const { isPlaced, text, type } of feeds) if (isPlaced) texts[type.name] = text;
  const seen = feeds.some(({ isPlaced }) => isPlaced) ? `,"seen":${JSON.stringify(texts)}` : '';
  return `{"channel":${JSON.stringify(channel)}${fields}${seen}}`;
}

function viewFor({ type, vector, view }: FeedState, exceptMember: string | undefined): unknown {
  const isOwn = type.source === 'moments' && exceptMember !== undefined;
  if (!isOwn || !Object.hasOwn(vector, exceptMember)) return view;
  const { [exceptMember]: _, ...others } = vector;
  return type.policy.view(others);
}
