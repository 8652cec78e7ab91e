import type { Seeded } from '../../test/simulation/seeded';

/** Draws each card once, in an order that the seed decides, before it draws any again. */
export class Deck<Card> {
  private left: Card[] = [];

  constructor(
    private readonly cards: readonly Card[],
    private readonly random: Seeded,
  ) {
    if (cards.length === 0) throw new Error('a deck needs a card');
  }

  /** The next card. */
  draw(): Card {
    if (this.left.length === 0) this.left = [...this.cards];
    const [card] = this.left.splice(this.random.below(this.left.length), 1);
    if (card === undefined) throw new Error('a deck has no undefined cards');
    return card;
  }
}
