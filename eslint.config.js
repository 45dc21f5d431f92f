import antfu from '@antfu/eslint-config'

/** Who may import whom: docs/architecture.md. The repository test holds the whole table; this tells the editor. */
function mayNot(files, patterns, message) {
  return {
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: patterns, message },
          ],
        },
      ],
    },
  }
}

export default antfu(
  {
    type: 'app',
    typescript: true,
    vue: true,
    markdown: false,
    ignores: [
      '**/dist',
      '**/generated',
      'packages/contract/openapi.json',
      'bench/results',
      // Templates of YAML, which is another language, and what they take in.
      'deploy/helm/*/{templates,files}',
      '**/golden',
    ],
  },
  {
    rules: {
      // The CLI and the scripts speak to a terminal; the server logs through pino and has its own rule below.
      'no-console': 'off',
      'antfu/top-level-function': 'error',
      // A schema and its type share one name, as a class does.
      'ts/no-redeclare': 'off',
      'antfu/no-top-level-await': 'off',
      // A line break is the author's choice: it explodes short ternaries and lists that read well on one line.
      'antfu/reasonable-newline': 'off',
      'node/prefer-global/process': ['error', 'never'],
      'node/prefer-global/buffer': ['error', 'never'],
      'ts/explicit-function-return-type': 'off',
      'test/prefer-lowercase-title': 'off',
      'unused-imports/no-unused-vars': [
        'error',
        { args: 'after-used', argsIgnorePattern: '^_', caughtErrors: 'all' },
      ],
    },
  },
  mayNot(['packages/contract/**', 'packages/engine/**'], ['@howdah/*'], 'contract and engine import nothing of the workspace'),
  mayNot(['packages/engine-*/src/**'], ['@howdah/contract', '@howdah/sdk', '@howdah/server'], 'a driver imports the engine port only'),
  mayNot(['apps/server/src/store/**'], [
    '**/http/**',
    '**/domain/**',
    '**/reconcile/**',
    '@howdah/contract',
  ], 'the store imports engine types only'),
  mayNot(['apps/server/src/domain/**'], ['**/http/**', '**/reconcile/**', '@howdah/engine-*'], 'use cases know no HTTP and no driver'),
  mayNot(['apps/server/src/reconcile/**'], ['**/http/**', '@howdah/engine-*'], 'the worker knows no HTTP and no driver'),
  mayNot(['apps/server/src/http/**'], ['@howdah/engine-*', '**/reconcile/**'], 'routes know no driver'),
  mayNot(['apps/console/**'], ['@howdah/server', '@howdah/contract', '@howdah/engine*'], 'the console speaks through the SDK only'),
  mayNot(['apps/cli/**'], ['@howdah/server', '@howdah/contract', '@howdah/engine*'], 'the CLI speaks through the SDK only'),
)
