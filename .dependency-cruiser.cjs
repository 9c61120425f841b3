/** The floors of the house: imports go down only, siblings never meet, nothing goes round in a circle. */
const DOMAIN = '(runs|models|tools|workers|rag|memory|integrations|evaluation)';
/** Specs and what several of them share. */
const SPECS = '(\\.spec\\.ts$|/spec-fixture/)';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'sdk-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^libs/sdk/' },
      to: { path: '^(libs/(?!sdk/)|apps/|plugins/)' },
    },
    {
      name: 'core-imports-only-sdk',
      severity: 'error',
      from: { path: '^libs/core/' },
      to: { path: '^(libs/(?!(core|sdk)/)|apps/|plugins/)' },
    },
    {
      name: 'domains-meet-in-sdk',
      comment: 'A domain lib imports core and sdk; another domain is reached through a contract in the sdk.',
      severity: 'error',
      from: { path: `^libs/${DOMAIN}/`, pathNot: SPECS },
      to: { path: '^(libs/|apps/|plugins/)', pathNot: ['^libs/(core|sdk)/', '^libs/$1/'] },
    },
    {
      name: 'agents-import-down',
      severity: 'error',
      from: { path: '^libs/agents/', pathNot: SPECS },
      to: { path: '^(apps/|plugins/|libs/testing/)' },
    },
    {
      name: 'plugins-know-only-the-sdk',
      severity: 'error',
      from: { path: '^plugins/' },
      to: { path: '^(libs/(?!sdk/)|apps/)' },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { path: '^(libs|apps|plugins)/', pathNot: [SPECS, '^libs/testing/'] },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'fixtures-are-for-specs',
      severity: 'error',
      from: { path: '^(libs|apps|plugins)/', pathNot: SPECS },
      to: { path: '(/spec-fixture/|^libs/runs/src/run-harness\\.ts$)' },
    },
    {
      name: 'libs-are-entered-by-the-front-door',
      comment: 'Across libs only src/index.ts; unit specs too.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: ['^libs/$1/', '^libs/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'apps-enter-by-the-front-door',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/[^/]+/src/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'no-dev-dependencies-in-production',
      severity: 'error',
      from: { path: '^(apps|libs|plugins)/', pathNot: [SPECS, '^libs/testing/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
