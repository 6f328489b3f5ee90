// @ts-check
/**
 * Which folder may import which, as DESIGN "Folders" says. Plain JavaScript because ESLint loads it.
 * test/house/boundaries.test.ts proves every line of it.
 */

/** Folders, most specific first: a file belongs to the first that fits. */
const FOLDERS = /** @type {const} */ ([
  ['domain', 'src/domain'],
  ['ledger-sqlite', 'src/ledger/sqlite'],
  ['ledger', 'src/ledger'],
  ['engine', 'src/engine'],
  ['intake', 'src/intake'],
  ['connectors', 'src/connectors'],
  ['gate-rules', 'src/governance/gate/rules'],
  ['governance', 'src/governance'],
  ['insight', 'src/insight'],
  ['hub', 'src/hub'],
  ['web-ui', 'src/web/ui'],
  ['web', 'src/web'],
  ['editor-browser', 'src/editor/browser'],
  ['editor', 'src/editor'],
  ['cli', 'src/cli'],
  ['nodes', 'nodes'],
]);

/** Files whose place in a folder does not say where they run. */
const BROWSER_SCRIPT = 'browser-script';
const BOTH_WORLDS = 'both-worlds';

/**
 * What each folder may import besides itself.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const MAY_IMPORT = {
  domain: [],
  ledger: ['domain'],
  'ledger-sqlite': ['domain', 'ledger'],
  intake: ['domain'],
  connectors: ['domain'],
  'gate-rules': ['domain'],
  governance: ['domain', 'gate-rules'],
  insight: ['domain'],
  hub: ['domain', 'ledger'],
  engine: ['domain', 'ledger', 'ledger-sqlite', 'intake', 'connectors', 'governance', 'gate-rules', 'insight', 'hub'],
  web: ['domain', 'engine'],
  'web-ui': [],
  'editor-browser': ['gate-rules'],
  editor: ['domain', 'engine', 'web'],
  cli: ['domain', 'engine', 'ledger', 'ledger-sqlite', 'intake', 'connectors', 'governance', 'gate-rules', 'insight', 'hub', 'web'],
  nodes: ['domain', 'engine'],
};

/** Folders whose code must stay free of the platform, with the libraries that are pure enough for them. */
const PURE = { domain: ['big.js', 'feelin', 'temporal-polyfill'], 'gate-rules': ['acorn', 'big.js'] };

/** Code for browsers: no Node.js modules. */
const BROWSER = ['web-ui', 'editor-browser'];

/** @param {readonly string[]} types */
const elements = (types) => ({ element: { types: { anyOf: [...types] } } });

export const boundarySettings = {
  'boundaries/elements': FOLDERS.map(([type, pattern]) => ({ type, pattern, partialMatch: false })),
  'boundaries/files': [
    { category: BROWSER_SCRIPT, pattern: ['nodes/*/editor.ts', 'nodes/*/editor/**', 'nodes/*-form.ts', 'src/editor/editor-globals.d.ts'] },
    { category: BOTH_WORLDS, pattern: ['nodes/*/migrations.ts', 'nodes/config-version.ts', 'nodes/business-call.ts', 'nodes/document-intake.ts'] },
  ],
  'boundaries/dependency-nodes': ['require', 'import', 'dynamic-import', 'export'],
  'boundaries/legacy-templates': false,
  'import/resolver': { node: { extensions: ['.ts', '.js', '.json', '.vue'] } },
};

const pure = Object.keys(PURE);
const platform = FOLDERS.map(([type]) => type).filter((type) => !pure.includes(type) && !BROWSER.includes(type));

// The last policy that fits a dependency decides.
const policies = [
  ...Object.entries(MAY_IMPORT).map(([from, to]) => ({
    from: elements([from]),
    allow: { to: elements([from, ...to]) },
  })),
  {
    // The composition root hands the web its stores; the web may name the types of their ports.
    from: elements(['web']),
    allow: { to: elements(['ledger']), dependency: { kind: 'type' } },
  },
  {
    from: elements([...platform, ...BROWSER]),
    allow: { to: { module: { origin: 'external' } } },
  },
  ...Object.entries(PURE).map(([from, libraries]) => ({
    from: elements([from]),
    allow: { to: { module: { origin: 'external', source: libraries } } },
  })),
  {
    from: elements(platform),
    allow: { to: { module: { origin: 'core' } } },
  },
  {
    from: elements(platform.filter((type) => type !== 'ledger-sqlite')),
    disallow: { to: { module: { source: '{node:,}sqlite' } } },
    message: 'Only src/ledger/sqlite knows SQLite.',
  },
  {
    from: elements(platform.filter((type) => type !== 'nodes')),
    disallow: { to: elements(['nodes', 'web-ui', 'editor-browser']) },
  },
  {
    disallow: { to: { file: { categories: BROWSER_SCRIPT } } },
  },
  {
    from: { file: { categories: [BROWSER_SCRIPT, BOTH_WORLDS] } },
    disallow: { to: [elements(['domain', 'engine', 'nodes']), { module: { origin: ['core', 'external'] } }] },
    message: 'Browser code imports only pure governance rules and the pure files of its node.',
  },
  {
    from: { file: { categories: [BROWSER_SCRIPT, BOTH_WORLDS] } },
    allow: { to: [elements(['gate-rules']), { file: { categories: BOTH_WORLDS } }] },
  },
  {
    from: { file: { categories: BROWSER_SCRIPT } },
    allow: { to: [elements(['editor-browser']), { file: { categories: BROWSER_SCRIPT } }] },
  },
  {
    // The types of the editor's libraries, in the one declaration file.
    from: { file: { path: 'src/editor/editor-globals.d.ts' } },
    allow: { to: { module: { origin: 'external' } }, dependency: { kind: 'type' } },
  },
];

export const boundaryRules = {
  'boundaries/no-unknown-files': 'error',
  'boundaries/dependencies': [
    'error',
    { default: 'disallow', policies, checkAllOrigins: true, checkUnknownLocals: true, checkInternals: true },
  ],
};
