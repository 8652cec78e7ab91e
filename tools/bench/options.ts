import { InvalidArgumentError } from 'commander';
import { ROWS } from './against-rows';
import { KINDS } from './servers/all';
import { WRITING_ROWS } from './writing/rows';

/** Parses the names of servers, separated by commas. */
export function serverNames(text: string): string[] {
  const known = KINDS.map(({ name }) => name);
  return namesOf(text, known);
}

/** Parses the names of rows for a comparison, separated by commas. */
export function rowNames(text: string): string[] {
  const known = ROWS.map(({ name }) => name);
  return namesOf(text, known);
}

/** Parses the names of rows of `writing`, separated by commas. */
export function writingNames(text: string): string[] {
  const known = WRITING_ROWS.map(({ name }) => name);
  return namesOf(text, known);
}

function namesOf(text: string, known: readonly string[]): string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  throw new InvalidArgumentError(`${unknown.join(', ')}: there are ${known.join(', ')}.`);
}
