/** Who may import whom: the list of ARCHITECTURE.md, which test/arrows.test.ts compares with this one. */
const arrows = {
  main: ['config', 'locale', 'roles'],
  roles: [
    'cli',
    'commands',
    'config',
    'discord',
    'engine',
    'locale',
    'queue',
    'repeating',
    'service',
    'store',
    'version',
  ],
  cli: [
    'config',
    'demo',
    'discord',
    'engine',
    'given-up',
    'locale',
    'queue',
    'service',
    'store',
    'verification-words',
    'version',
  ],
  commands: ['discord', 'engine', 'locale', 'policy', 'queue', 'store', 'verification-words', 'version'],
  discord: ['engine', 'given-up', 'locale', 'policy', 'queue', 'repeating', 'store'],
  demo: ['engine'],
  service: ['config'],
  'verification-words': ['engine', 'locale', 'queue'],
  'given-up': ['engine', 'locale'],
  queue: ['engine', 'repeating', 'store'],
  config: ['engine', 'policy'],
  policy: ['store'],
  store: ['engine'],
  engine: [],
  locale: [],
  repeating: [],
  version: [],
};

/** The same for the folders of src/engine. What stands in src/engine itself they all may import. */
const engineArrows = {
  animate: ['media', 'model', 'provenance', 'restore'],
  restore: ['media', 'model', 'provenance'],
  compare: ['media'],
  provenance: ['media'],
  media: [],
  model: [],
};

const arrow = (from, allowed) => `${from} -> ${allowed.join(', ') || 'nothing'}`;

const only = ([from, allowed]) => ({
  name: `${from}-imports-only-${allowed.join('-') || 'nothing'}`,
  comment: arrow(from, allowed),
  severity: 'error',
  from: { path: `^src/${from}(/|\\.ts$)` },
  to: { path: '^src/', pathNot: `^src/(${[from, ...allowed].join('|')})(/|\\.ts$)` },
});

const onlyInEngine = ([from, allowed]) => ({
  name: `engine/${from}-imports-only-${allowed.join('-') || 'nothing'}`,
  comment: arrow(
    `engine/${from}`,
    allowed.map((to) => `engine/${to}`),
  ),
  severity: 'error',
  from: { path: `^src/engine/${from}/` },
  to: { path: '^src/engine/[^/]+/', pathNot: `^src/engine/(${[from, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(arrows).map(only),
    {
      name: 'not-in-the-list',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${Object.keys(arrows).join('|')})(/|\\.ts$)` },
      to: { path: '^src/' },
    },
    ...Object.entries(engineArrows).map(onlyInEngine),
    {
      name: 'shared-by-the-engine-imports-no-folder',
      severity: 'error',
      from: { path: '^src/engine/[^/]+\\.ts$' },
      to: { path: '^src/engine/[^/]+/' },
    },
    {
      name: 'not-in-the-list',
      severity: 'error',
      from: { path: '^src/engine/[^/]+/', pathNot: `^src/engine/(${Object.keys(engineArrows).join('|')})/` },
      to: { path: '^src/' },
    },
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'not-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^src/store/generated/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
