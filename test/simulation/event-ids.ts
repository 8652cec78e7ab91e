import { channelKey, decodeAllPlaces, decodePlaces, type Places } from '../../schemas/place';

/** The event ids from which a client resumes. */
export class EventIds {
  private last = '';
  /** The channels that the stream does not have for the moment. */
  private readonly left = new Set<string>();
  /** By channel that was left, its last event id, until an event has a newer place of it. */
  private readonly earlier = new Map<string, string>();

  /** Notes the id of an event; returns its places, or undefined if they cannot be read. */
  note(id: string): Places | undefined {
    this.last = id;
    const places = decodePlaces(id);
    if (places && this.earlier.size > 0) this.dropEarlier(places);
    return places;
  }

  /** Whether a channel was left and is not joined again. */
  hasLeft(channel: string): boolean {
    return this.left.has(channel);
  }

  /** Notes that the stream does not have a channel any more. */
  leave(channel: string): void {
    this.left.add(channel);
    if (!this.earlier.has(channel)) this.earlier.set(channel, this.last);
  }

  /** Notes that the stream has a channel again; returns the places from which it joins. */
  join(channel: string): Places {
    this.left.delete(channel);
    const id = this.earlier.get(channel);
    return decodeAllPlaces(id ? [id] : []);
  }

  /** Notes that a new stream has all channels; returns the places from which it resumes. */
  resume(): Places {
    this.left.clear();
    return decodeAllPlaces([this.last, ...this.earlier.values()].filter(Boolean));
  }

  private dropEarlier(places: Places): void {
    for (const channel of this.earlier.keys()) {
      const isNewer = !this.left.has(channel) && places.has(channelKey(channel));
      if (isNewer) this.earlier.delete(channel);
    }
  }
}
