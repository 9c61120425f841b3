import type { ErrorDetail } from '@guildhall/sdk';
import type { EnvironmentFile } from './environment-file.js';
import { readTextFile } from './read-text-file.js';

export type SettingSource = 'environment' | 'file' | 'secret file' | 'default';

export interface RawSetting {
  readonly value: string;
  readonly source: SettingSource;
  /** For people: `environment`, `.env.production`, `file /run/secrets/key`. */
  readonly origin: string;
}

type Values = Readonly<Record<string, string | undefined>>;

/** The raw words that settings are read from: the environment above the files in their order, `NAME_FILE` beside each. */
export class Environment {
  /** Faults met while reading: a secret's file that cannot be read, a name given twice. */
  readonly faults: ErrorDetail[] = [];
  private readonly asked = new Set<string>();
  private readonly cache = new Map<string, RawSetting | undefined>();

  constructor(
    private readonly values: Values,
    readonly files: readonly EnvironmentFile[],
  ) {}

  find(name: string): RawSetting | undefined {
    this.asked.add(name);
    if (!this.cache.has(name)) this.cache.set(name, this.lookUp(name));
    return this.cache.get(name);
  }

  /** Names in one of its files that nothing has asked for. */
  unread({ values }: EnvironmentFile): string[] {
    return Object.keys(values).filter((name) => !this.asked.has(name) && !this.asked.has(name.replace(/_FILE$/, '')));
  }

  /**
   * An empty value counts as absent: compose files pass `NAME=` for what is not set. White space and byte order marks
   * around a value are what editors and `echo` leave; no setting means them.
   */
  private lookUp(name: string): RawSetting | undefined {
    const pointer = `${name}_FILE`;
    for (const [values, source, label] of this.layers()) {
      const [value, path] = [values[name]?.trim(), values[pointer]?.trim()];
      if (value && path) this.fault(name, 'given_twice', `is given both as ${name} and ${pointer}; keep one`);
      if (value) return { value, source, origin: label };
      if (path) return this.readSecret(name, path);
    }
    return undefined;
  }

  private layers(): readonly (readonly [Values, SettingSource, string])[] {
    return [
      [this.values, 'environment', 'environment'],
      ...this.files.map(({ name, values }) => [values, 'file', name] as const),
    ];
  }

  private readSecret(name: string, path: string): RawSetting | undefined {
    try {
      const value = readTextFile(path).trim();
      if (value !== '') return { value, source: 'secret file', origin: `file ${path}` };
      this.fault(`${name}_FILE`, 'empty_file', `points to '${path}', which is empty`);
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
      this.fault(`${name}_FILE`, 'unreadable_file', `points to '${path}', which cannot be read (${reason})`);
    }
    return undefined;
  }

  private fault(path: string, code: string, message: string): void {
    this.faults.push({ path, code, message });
  }
}
