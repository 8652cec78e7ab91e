/** A run that is over ends within this time; longer, and something was left open. */
const LINGER_MS = 10_000;

/**
 * Ends a run with one plain line: `N passed, N failed`, and what was skipped. Something that was
 * left open is named, and does not hold the run up for ever.
 */
module.exports = class ClosingLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
    // Jest's own summary comes after its reporters; this line comes last.
    process.once('exit', () => {
      process.stdout.write(`\n${numPassedTests} passed, ${failed} failed${skipped}\n`);
    });
    setTimeout(() => {
      process.stdout.write(`left open: ${whatIsOpen().join('; ') || 'nothing that has a name'}\n`);
      process.exit(failed > 0 ? 1 : process.exitCode);
    }, LINGER_MS).unref();
  }
};

/** A word for each handle that keeps this process alive. */
function whatIsOpen() {
  const kinds = process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate');
  return [...kinds, ...process._getActiveHandles().map(describe)];
}

function describe(handle) {
  const { fd, pid, spawnfile, localPort, remoteAddress, remotePort } = handle;
  const facts = { fd, pid, spawnfile, localPort, remoteAddress, remotePort };
  return `${handle.constructor.name} ${JSON.stringify(facts)}`;
}
