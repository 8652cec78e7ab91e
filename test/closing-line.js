const { createHook } = require('node:async_hooks');

/** A run that is over ends within this time; longer, and something was left open. */
const LINGER_MS = 10_000;

const FRAMES = 12;

/** So many timers more than there were, and those that are over are forgotten. */
const MANY = 10_000;

/**
 * Ends a run with one plain line: `N passed, N failed`, and what was skipped. Something that was
 * left open is named, and does not hold the run up for ever.
 */
module.exports = class ClosingLine {
  constructor() {
    this.timers = new Timers();
  }

  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
    // Jest's own summary comes after its reporters; this line comes last.
    process.once('exit', () => {
      process.stdout.write(`\n${numPassedTests} passed, ${failed} failed${skipped}\n`);
    });
    setTimeout(() => {
      const open = [...process._getActiveHandles().map(describe), ...this.timers.open()];
      process.stdout.write(`left open: ${open.join('\n  ') || 'nothing that has a name'}\n`);
      process.exit(failed > 0 ? 1 : process.exitCode);
    }, LINGER_MS).unref();
  }
};

/** The timers that are set, and where that was done. */
class Timers {
  constructor() {
    this.set = [];
    this.enough = MANY;
    // Without `destroy`: for that Node keeps watch over each promise that there is, and the simulation
    // makes millions.
    createHook({
      init: (_id, type, _trigger, timer) => {
        if (type === 'Timeout') this.note({ timer: new WeakRef(timer), stack: stackOf() });
      },
    }).enable();
  }

  open() {
    return this.set.filter(isSet).map(({ stack }) => `a timer set ${stack}`);
  }

  note(one) {
    if (this.set.push(one) < this.enough) return;
    this.set = this.set.filter(isSet);
    this.enough = this.set.length + MANY;
  }
}

function isSet({ timer }) {
  const still = timer.deref();
  return still !== undefined && !still._destroyed && still.hasRef();
}

function stackOf() {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  const { stack } = new Error('at');
  Error.stackTraceLimit = stackTraceLimit;
  return stack;
}

function describe(handle) {
  const { fd, pid, spawnfile, localPort, remoteAddress, remotePort } = handle;
  const facts = { fd, pid, spawnfile, localPort, remoteAddress, remotePort };
  return `${handle.constructor.name} ${JSON.stringify(facts)}`;
}
