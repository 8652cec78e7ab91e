import { Deck } from '../../../tools/chaos/deck';
import { range } from '../../end-to-end/api';
import { Seeded } from '../../simulation/seeded';

const CARDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

function drawn(seed: number, times: number): string[] {
  const deck = new Deck(CARDS, new Seeded(seed));
  return range(times).map(() => deck.draw());
}

test('every card is drawn once before any is drawn again', () => {
  for (const seed of range(50)) {
    const cards = drawn(seed, 2 * CARDS.length);
    expect(cards.slice(0, CARDS.length).sort()).toEqual(CARDS);
    expect(cards.slice(CARDS.length).sort()).toEqual(CARDS);
  }
});

test('the seed decides the order', () => {
  expect(drawn(1, 20)).toEqual(drawn(1, 20));
  expect(new Set(range(20).map((seed) => drawn(seed, 8).join(''))).size).toBeGreaterThan(15);
});

test('an empty deck is refused', () => {
  expect(() => new Deck([], new Seeded(1))).toThrow('a deck needs a card');
});
