/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  reporters: ['default', '<rootDir>/test/closing-line.js'],
  testSequencer: '<rootDir>/test/simulation-first.js',
  testTimeout: 30_000,
  // Tests of real servers wait most of the time (docs/decisions.md).
  maxWorkers: 2,
};
