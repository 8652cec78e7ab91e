import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** By file, the files of this project that it imports; paths are relative to the root. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const SPECIFIER = /\b(?:from|import|require)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

/** Reads the relative imports of TypeScript files, type-only imports included. */
export function importsOf(root: string, files: readonly string[]): ImportGraph {
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const targets = [...text.matchAll(SPECIFIER)].map(([, specifier = '']) => {
        return `${posix.join(posix.dirname(file), specifier)}.ts`;
      });
      return [file, targets.filter((target) => known.has(target))];
    }),
  );
}

/** The groups of files that import each other, directly or through others (Tarjan's algorithm). */
export function importCircles(graph: ImportGraph): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const index = order.size;
    order.set(file, index);
    path.push(file);
    let low = index;
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (path.includes(target)) low = Math.min(low, order.get(target) ?? low);
    }
    if (low === index) {
      const circle = path.splice(path.indexOf(file));
      if (circle.length > 1) circles.push(circle.sort());
    }
    return low;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles;
}
