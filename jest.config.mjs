const libs = ['sdk', 'core', 'runs', 'models', 'tools', 'workers', 'rag', 'memory', 'agents', 'testing'];

/** Shared by every project: real ESM, compiled by swc with the decorator metadata Nest needs. */
const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        module: { type: 'es6' },
        jsc: {
          target: 'es2023',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    ...Object.fromEntries(libs.map((lib) => [`^@guildhall/${lib}$`, `<rootDir>/libs/${lib}/src/index.ts`])),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  setupFiles: ['<rootDir>/test/setup.ts'],
};

export default {
  coverageProvider: 'v8',
  collectCoverageFrom: [
    'libs/*/src/**/*.ts',
    'apps/*/src/**/*.ts',
    '!**/*.spec.ts',
    '!**/index.ts',
    '!libs/testing/**',
  ],
  coverageReporters: ['text-summary', 'lcov', 'html'],
  coverageThreshold: { global: { lines: 90, branches: 85 } },
  // The tests' own limits are what counts; this one only ends what hangs, on the slowest machine too.
  testTimeout: 240_000,
  // Jest leaves one processor to itself, which on two is half the machine.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '512MB',
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/{libs,apps,plugins}/**/*.spec.ts'] },
    { ...base, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.int-spec.ts'] },
    {
      ...base,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.e2e-spec.ts'],
      globalSetup: '<rootDir>/test/shared-servers.mjs',
      globalTeardown: '<rootDir>/test/end-shared-servers.mjs',
    },
    { ...base, displayName: 'slow', testMatch: ['<rootDir>/test/slow/**/*.slow-spec.ts'] },
  ],
};
