/** A number that is so far below the greatest one is taken for used. */
export const WINDOW_NUMBERS = 1_024;

const BITS_PER_WORD = 32;

/** The numbers that one sender has used: the greatest one, and a bitmap of those below it. */
export class NumberWindow {
  private greatest = 0;
  /** A bit for each number of (greatest − `WINDOW_NUMBERS`, greatest], at its remainder. */
  private readonly used = new Uint32Array(WINDOW_NUMBERS / BITS_PER_WORD);

  /** Marks a positive number as used; false if it was used, or is below the window. */
  use(number: number): boolean {
    if (number <= this.greatest - WINDOW_NUMBERS) return false;
    this.advanceTo(number);
    const [word, bit] = placeOf(number);
    const bits = this.used[word] ?? 0;
    if ((bits & bit) !== 0) return false;
    this.used[word] = bits | bit;
    return true;
  }

  private advanceTo(number: number): void {
    if (number <= this.greatest) return;
    if (number - this.greatest >= WINDOW_NUMBERS) this.used.fill(0);
    else {
      for (let next = this.greatest + 1; next <= number; next++) {
        const [word, bit] = placeOf(next);
        this.used[word] = (this.used[word] ?? 0) & ~bit;
      }
    }
    this.greatest = number;
  }
}

function placeOf(number: number): readonly [word: number, bit: number] {
  const at = number % WINDOW_NUMBERS;
  return [Math.floor(at / BITS_PER_WORD), 1 << (at % BITS_PER_WORD)];
}
