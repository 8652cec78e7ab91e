/** A Markdown table; `|` inside cells is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll('|  |', '| |');
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Text as inline code. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** The first letter in upper case, and a full stop at the end. */
export function sentence(text: string): string {
  const first = /^[a-z]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return first.endsWith('.') ? first : `${first}.`;
}

/** Replaces the text between `<!-- NAME: … -->` and `<!-- /NAME -->`; throws without them. */
export function replaceBetween(page: string, name: string, text: string): string {
  const marked = new RegExp(`(<!-- ${name}: [^>]*-->\n)[\\s\\S]*?(\n<!-- /${name} -->)`);
  if (!marked.test(page)) throw new Error(`no marks for ${name}`);
  return page.replace(marked, (_, begin: string, end: string) => `${begin}\n${text}\n${end}`);
}
