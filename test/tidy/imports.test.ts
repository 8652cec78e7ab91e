import { importCircles } from './imports';

test('three files that import each other in a ring are one circle', () => {
  const graph = new Map([
    ['a.ts', ['b.ts']],
    ['b.ts', ['c.ts']],
    ['c.ts', ['a.ts', 'd.ts']],
    ['d.ts', []],
  ]);
  expect(importCircles(graph)).toEqual([['a.ts', 'b.ts', 'c.ts']]);
});

test('files that import one another in one direction only are no circle', () => {
  const graph = new Map([
    ['a.ts', ['b.ts', 'c.ts']],
    ['b.ts', ['c.ts']],
    ['c.ts', []],
  ]);
  expect(importCircles(graph)).toEqual([]);
});
