/** The arrows of ARCHITECTURE.md: who may import whom. */
const only = (from, allowed) => ({
  name: `${from}-imports-only-${allowed.join('-') || 'nobody'}`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: `^src/(${[from, ...allowed].join('|')})(/|\\.ts$)` },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('engine', []),
    only('store', ['engine', 'config']),
    only('policy', ['store', 'engine']),
    only('queue', ['engine', 'store', 'config']),
    only('demo', ['engine']),
    only('cli', [
      'engine',
      'demo',
      'config',
      'given-up',
      'verification-words',
      'locale',
      'version',
      'store',
      'queue',
      'discord',
      'service',
    ]),
    only('service', ['config']),
    only('roles', ['cli', 'commands', 'config', 'discord', 'engine', 'locale', 'queue', 'service', 'store', 'version']),
    only('discord', ['store', 'queue', 'policy', 'engine', 'given-up', 'locale']),
    only('commands', ['verification-words', 'discord', 'policy', 'queue', 'store', 'engine', 'locale', 'version']),
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
