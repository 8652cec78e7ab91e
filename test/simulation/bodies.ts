import type { ClientRequest } from './clients';
import type { Seeded } from './seeded';
import { OPTIONS, REACTIONS, VOTES } from './types';

/** A random body of a like or a vote. */
export function drawBody(random: Seeded, type: string): object {
  if (type === VOTES.name) return { option: random.pick(OPTIONS) };
  return { reaction: random.pick(REACTIONS) };
}

/** A request with the same ids, in half of the cases with random bodies. */
export function maybeOther(random: Seeded, request: ClientRequest): ClientRequest {
  if (random.once(2)) return request;
  const entries = request.entries.map(({ id }) => ({ id, body: drawBody(random, request.type) }));
  return { ...request, entries };
}

/** The id of a member who has written nothing yet. */
export function newMember(random: Seeded): string {
  return `member-${random.entropy.secretId()}`;
}
