import { type OwnerAsked, runOwner } from './owner-run';

/** Runs one dispatcher in a process of its own; its first argument is what is asked, as JSON. */
const asked = JSON.parse(process.argv[2] ?? '') as OwnerAsked;

runOwner(asked)
  .then((figures) => {
    process.stdout.write(JSON.stringify(figures), () => process.exit(0));
  })
  .catch((error: unknown) => {
    process.stderr.write(`owner: ${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  });
