const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** Files that declare what pages, servers, and tabs with another build of the client see. */
const BORDERS = ['types.ts', 'events.ts', 'messages.ts', 'wants.ts'];

/** The compiler has its declarations of the browser in a package for each platform. */
const COMPILERS = join(__dirname, '..', 'node_modules', '@typescript');
const LIBRARY = /^typescript-[^/]+\/lib\/lib\..*\.d\.ts$/;

const COMMENT = /\/\*.*?\*\/|\/\/[^\n]*/gs;
const INTERFACE = /^(?:export )?interface .*?^}/gms;
const MEMBER = /^ +(?:readonly )?(\w{2,})\??[:(]/gm;

function codeOf(path) {
  return readFileSync(path, 'utf8').replace(COMMENT, '');
}

/** The members of the interfaces in a file. */
function membersIn(path) {
  const interfaces = codeOf(path).match(INTERFACE) ?? [];
  return interfaces.flatMap((text) => Array.from(text.matchAll(MEMBER), ([, name]) => name));
}

/**
 * The names that the bundle may shorten: members of the client's own interfaces. A name that is
 * anywhere in a border, or in a library of the browser or the language, stays as it is.
 */
exports.internalNames = () => {
  const libraries = readdirSync(COMPILERS, { recursive: true }).filter((file) =>
    LIBRARY.test(file),
  );
  if (!libraries.length) throw new Error(`no declarations of the browser in ${COMPILERS}`);
  const outside = [
    ...libraries.map((file) => join(COMPILERS, file)),
    ...BORDERS.map((file) => join(__dirname, file)),
  ];
  const declared = new Set(outside.flatMap((path) => codeOf(path).match(/\w+/g) ?? []));
  const sources = readdirSync(__dirname).filter((file) => file.endsWith('.ts'));
  const members = new Set(sources.flatMap((file) => membersIn(join(__dirname, file))));
  return [...members].filter((name) => !declared.has(name)).sort();
};
