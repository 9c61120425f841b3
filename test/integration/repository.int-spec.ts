import { globSync, readFileSync } from 'node:fs';
import { gte } from 'semver';
import { settingsFrom } from '@guildhall/core';
import { SETTING_NAMES } from '../../libs/core/src/config/load-settings.js';

interface Lock {
  readonly packages: Record<string, LockEntry>;
}

interface TypeScriptConfig {
  readonly compilerOptions: { readonly useDefineForClassFields?: boolean };
}

interface LockEntry {
  readonly version?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Record<string, string>;
}

const json = <T>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as T;
const sources = globSync('{apps,libs,plugins}/**/*.ts', {
  exclude: (path) => /(^|\/)(node_modules|dist)$/.test(path) || path.endsWith('spec.ts'),
});
const manifests = globSync('{package.json,{libs,plugins,test}/**/package.json}', {
  exclude: (path) => /(^|\/)(node_modules|dist)$/.test(path),
});
const lock = json<Lock>('package-lock.json');
const versionsOf = (name: string) =>
  Object.entries(lock.packages).flatMap(([path, { version }]) =>
    path.endsWith(`node_modules/${name}`) && version ? [version] : [],
  );

/** Overrides may be nested. */
const versionsIn = ([name, value]: [string, unknown]): [string, string][] =>
  typeof value === 'string' ? [[name, value]] : Object.entries(value as object).flatMap(versionsIn);

describe('the dependencies', () => {
  // Peers are what a plugin's own installation brings: they have to be ranges, and what is installed here is pinned above.
  it('are pinned exactly in every manifest, and only peers are ranges', () => {
    const exact = /^(npm:(@?[^@]+)@)?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
    const loose = manifests.flatMap((path) => {
      const manifest = json<Record<string, Record<string, unknown>>>(path);
      const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'];
      // An override may say "the one that we have": `$name`.
      const named = kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {})).flatMap(versionsIn);
      const isLoose = (version: string) => !exact.test(version) && !version.startsWith('$');
      return named.filter(([, version]) => isLoose(version)).map(([name]) => `${path}: ${name}`);
    });
    expect(manifests).toEqual(expect.arrayContaining(['package.json', 'libs/sdk/package.json']));
    expect(manifests.length).toBeGreaterThan(3);
    expect(loose).toEqual([]);
  });

  it.each([
    ['fastify', '5.12.1'],
    ['typeorm', '1.1.0'],
    ['undici', '8.0.0'],
  ])('hold %s at or above %s, below which it has known holes', (name, floor) => {
    const versions = versionsOf(name).filter((version) => name !== 'undici' || gte(version, '8.0.0'));
    expect(versions.length).toBeGreaterThan(0);
    expect(versions.filter((version) => !gte(version, floor))).toEqual([]);
  });

  it.each(['xlsx', 'axios', 'pdf-parse', 'exceljs', 'jsdom'])('do without %s', (name) => {
    expect(versionsOf(name)).toEqual([]);
  });

  it('keep one copy of the embedded database, which its extensions pin', () => {
    expect(new Set(versionsOf('@electric-sql/pglite')).size).toBe(1);
  });

  it('are locked with integrity and without a registry host', () => {
    const entries = Object.entries(lock.packages).filter(
      ([path, entry]) => path.startsWith('node_modules/') && !entry.link,
    );
    expect(entries.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
    expect(entries.filter(([, entry]) => entry.integrity === undefined).map(([path]) => path)).toEqual([]);
  });

  it('are locked for every platform, so that installing on none changes the lock', () => {
    const optional = Object.values(lock.packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    expect(optional.filter((name) => versionsOf(name).length === 0)).toEqual([]);
  });
});

describe('the sources', () => {
  it('hold no file over 300 lines', () => {
    expect(sources.filter((file) => readFileSync(file, 'utf8').split('\n').length > 300)).toEqual([]);
  });

  it('stay under the ceilings of services and controllers', () => {
    expect(sources.filter((file) => file.endsWith('.service.ts')).length).toBeLessThanOrEqual(80);
    expect(sources.filter((file) => file.endsWith('.controller.ts')).length).toBeLessThanOrEqual(40);
  });

  it('read the environment in one place only', () => {
    const readers = sources.filter(
      (file) =>
        file.startsWith('libs/') &&
        !file.startsWith('libs/testing/') &&
        /^(?!\s*(\/\/|\*|\/\*)).*process\.env/m.test(readFileSync(file, 'utf8')),
    );
    expect(readers).toEqual(['libs/core/src/config/load-settings.ts']);
  });

  it('start no process but the server, from the command line, and readers of documents', () => {
    const starting = sources.filter((file) => readFileSync(file, 'utf8').includes('child_process'));
    const own = starting.filter((file) => !file.replaceAll('\\', '/').startsWith('libs/testing/'));
    expect(own.map((file) => file.replaceAll('\\', '/')).toSorted()).toEqual([
      'apps/cli/src/commands/start.ts',
      'libs/rag/src/ingestion/parse-apart.ts',
    ]);
  });

  it('never synchronise a schema and never tie a knot of forward references', () => {
    expect(sources.filter((file) => /synchronize: true|forwardRef\(/.test(readFileSync(file, 'utf8')))).toEqual([]);
  });
});

describe('the tests', () => {
  it('compile class fields as the build does: a field without a value is none', () => {
    const { useDefineForClassFields } = json<TypeScriptConfig>('tsconfig.json').compilerOptions;
    expect(useDefineForClassFields).toBe(false);
    for (const file of ['jest.config.mjs', 'test/fixtures/run-typescript.mjs']) {
      expect(readFileSync(file, 'utf8')).toContain('useDefineForClassFields: false');
    }
  });
});

describe('docs/settings.md', () => {
  const rows = new Map(
    [...readFileSync('docs/settings.md', 'utf8').matchAll(/^\| `(\w+)` +\| *(?:`([^`]*)`)? *\|/gm)].map(
      ([, name, value]) => [name!, value ?? ''] as const,
    ),
  );
  const defaults = settingsFrom();
  // These follow from other settings; the page says how.
  const derived = new Set(['RUN_WORKERS', 'METRICS_PUBLIC', 'SHUTDOWN_DELAY_MS', 'DOCS_ENABLED', 'REDIS_REQUIRED']);

  it('names every setting and no other', () => {
    expect([...rows.keys()].toSorted()).toEqual([...SETTING_NAMES].toSorted());
  });

  it('states the defaults of the class', () => {
    for (const name of SETTING_NAMES.filter((each) => !derived.has(each))) {
      expect([name, rows.get(name)]).toEqual([name, String(defaults[name] ?? '')]);
    }
  });
});

describe('the README', () => {
  it('names the two commands first', () => {
    const blocks = [...readFileSync('README.md', 'utf8').matchAll(/```\w*\n([\s\S]*?)```/g)];
    const commands = blocks.map(([, code]) => code!.trim());
    expect(commands.slice(0, 2)).toEqual(['npm install && npm run demo', 'npm install && npm test']);
  });
});

describe('images and packages', () => {
  it('keep tests and secrets to themselves', () => {
    const kept = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(kept).toEqual(expect.arrayContaining(['.git', '.data', 'test', '**/*.spec.ts', '**/.env*']));
    expect(json<{ files: string[] }>('libs/sdk/package.json').files).toEqual(['dist']);
  });
});
