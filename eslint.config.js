import boundaries from 'eslint-plugin-boundaries';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';

import { boundaryRules, boundarySettings } from './scripts/lib/boundaries.js';

const NODE_DEFAULT_EXPORTS = 'Node-RED, mocha and tools load these by their default export; everything else has named exports.';

const EMPTY_CATCH = {
  selector: 'CatchClause > BlockStatement[body.length=0]',
  message: 'An error that is caught must be handled, turned into a value or reported; a comment does none of these.',
};
const DEFAULT_EXPORT = {
  selector: ':matches(ExportDefaultDeclaration, ExportSpecifier[exported.name="default"])',
  message: `Named exports only. ${NODE_DEFAULT_EXPORTS}`,
};

export default tseslint.config(
  { ignores: ['dist/**', 'resources/nrlint-rules.js', '**/node_modules/**', '.waybill/**', 'coverage/**', 'test-results/**', 'test/house/fixtures/**'] },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strict],
    // Rules that need types are .oxlintrc.json's: they stand on TypeScript 7 and take a quarter of the time.
    rules: {
      'no-restricted-syntax': ['error', EMPTY_CATCH, DEFAULT_EXPORT],
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^\\.{1,2}/.*(?<!\\.(ts|js|json|css|vue))$', message: 'Relative imports carry the file extension (.ts).' }] },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-throw-literal': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all', ignoreRestSiblings: true }],
      // Index arithmetic under noUncheckedIndexedAccess needs the assertion; a wrong one throws at once.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      'no-control-regex': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'nodes/**/*.ts', 'src/**/*.vue'],
    plugins: { boundaries },
    settings: boundarySettings,
    rules: boundaryRules,
  },
  {
    files: ['nodes/*/*.ts', 'src/editor/runtime-plugin.ts', 'src/editor/plugins/*.ts', 'src/web/ui/**/*.ts', '**/*.config.ts', 'scripts/lib/test-reporter.ts'],
    rules: { 'no-restricted-syntax': ['error', EMPTY_CATCH] },
  },
  {
    files: ['src/web/ui/**/*.vue'],
    extends: [tseslint.configs.strict, vue.configs['flat/essential']],
    languageOptions: { parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.vue'] } },
    rules: { 'no-restricted-syntax': ['error', EMPTY_CATCH], 'vue/no-v-html': 'error', 'vue/multi-word-component-names': 'off' },
  },
);
