import { InvalidArgumentError } from 'commander';
import { KINDS } from './servers/all';

/** A whole number of at least `least`. */
export function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`a whole number from ${least} on.`);
  };
}

/** Names of servers, by comma. */
export function serverNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const known = KINDS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  throw new InvalidArgumentError(`${unknown.join(', ')}: there are ${known.join(', ')}.`);
}
