const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Begins with the simulation. Every test file that has run leaves an AsyncLocalStorage of Jest's behind
 * in its process, which each promise made after it pays for, and the simulation makes millions.
 */
module.exports = class SimulationFirst extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isSimulation = ({ path }) => path.includes('/simulation/');
    return [...sorted.filter(isSimulation), ...sorted.filter((test) => !isSimulation(test))];
  }
};
