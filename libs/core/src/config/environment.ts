import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { ErrorDetail } from '@guildhall/sdk';

export type SettingSource = 'environment' | 'file' | 'secret file' | 'default';

export interface RawSetting {
  readonly value: string;
  readonly source: SettingSource;
  /** For people: `environment`, `.env.production`, `file /run/secrets/key`. */
  readonly origin: string;
}

type Values = Readonly<Record<string, string | undefined>>;

/** The raw words that settings are read from: the environment above the file of `NODE_ENV`, `NAME_FILE` beside each. */
export class Environment {
  /** Faults met while reading: a secret's file that cannot be read, a name given twice. */
  readonly faults: ErrorDetail[] = [];
  private readonly asked = new Set<string>();
  private readonly cache = new Map<string, RawSetting | undefined>();

  constructor(
    private readonly values: Values,
    private readonly fileName: string,
    private readonly file: Values,
  ) {}

  find(name: string): RawSetting | undefined {
    this.asked.add(name);
    if (!this.cache.has(name)) this.cache.set(name, this.lookUp(name));
    return this.cache.get(name);
  }

  /** Names in the file that nothing has asked for. */
  unread(): string[] {
    return Object.keys(this.file).filter(
      (name) => !this.asked.has(name) && !this.asked.has(name.replace(/_FILE$/, '')),
    );
  }

  get fileLabel(): string {
    return this.fileName;
  }

  /** An empty value counts as absent: compose files pass `NAME=` for what is not set. */
  private lookUp(name: string): RawSetting | undefined {
    const pointer = `${name}_FILE`;
    for (const [values, source, label] of this.layers()) {
      if (values[name] && values[pointer]) {
        this.fault(name, 'given_twice', `is given both as ${name} and ${pointer}; keep one`);
      }
      if (values[name]) return { value: values[name], source, origin: label };
      if (values[pointer]) return this.readSecret(name, values[pointer]);
    }
    return undefined;
  }

  private layers(): readonly (readonly [Values, SettingSource, string])[] {
    return [
      [this.values, 'environment', 'environment'],
      [this.file, 'file', this.fileName],
    ];
  }

  private readSecret(name: string, path: string): RawSetting | undefined {
    try {
      const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
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

/** Reads `.env.<NODE_ENV>`; a missing one is an empty one. */
export function readEnvironmentFile(directory: string, name: string): Values {
  try {
    return parseEnv(readFileSync(resolve(directory, name), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
