const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Runs the simulation first. Each test file leaves an AsyncLocalStorage of Jest in its process, which
 * slows down every later promise, and the simulation makes millions of them.
 */
module.exports = class SimulationFirst extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isSimulation = ({ path }) => path.includes('/simulation/');
    return [...sorted.filter(isSimulation), ...sorted.filter((test) => !isSimulation(test))];
  }
};
