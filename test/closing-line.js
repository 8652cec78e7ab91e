const { createHook } = require('node:async_hooks');

/** A process that has not ended this time after its tests has open handles. */
const LINGER_MS = 10_000;

const FRAMES = 12;

/** After this number of new timers, ended ones are removed. */
const MANY = 10_000;

/**
 * Prints `N passed, N failed`, and the number of skipped tests, as the last line of a run. Lists open
 * handles and ends the process if they keep it running.
 */
module.exports = class ClosingLine {
  constructor() {
    this.timers = new Timers();
  }

  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
    // Jest prints its summary after the reporters, so this line is printed at the exit.
    process.once('exit', () => {
      process.stdout.write(`\n${numPassedTests} passed, ${failed} failed${skipped}\n`);
    });
    setTimeout(() => {
      const open = [...process._getActiveHandles().map(describe), ...this.timers.open()];
      process.stdout.write(`left open: ${open.join('\n  ') || 'nothing that can be named'}\n`);
      process.exit(failed > 0 ? 1 : process.exitCode);
    }, LINGER_MS).unref();
  }
};

/** The active timers, with the place in the code that set them. */
class Timers {
  constructor() {
    this.set = [];
    this.enough = MANY;
    // Without `destroy`, because for it Node tracks each promise, and the simulation makes millions.
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
