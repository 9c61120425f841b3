import { existsSync, readFileSync } from 'node:fs';

const ROWS = 75;
const FEATURE_IS_MISSING = 'not there yet: ';

interface Row {
  readonly id: string;
  readonly answer: string;
  readonly tests: readonly (readonly [file: string, name: string])[];
}

/** The rows of the attack table, each test of which is written as "`file`: name". */
const rows = readFileSync('docs/security.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| A\d/.test(line))
  .map((line): Row => {
    const [id = '', , answer = '', shown = ''] = line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim());
    const tests = [...shown.matchAll(/`([^`]+)`: (.+?)(?=<br>|$)/g)].map(([, file, name]) => [file!, name!] as const);
    return { id, answer, tests };
  });

/** A title as it stands in source: in the quotes that it does not hold. */
function isTestOf(file: string, name: string): boolean {
  if (!existsSync(file)) return false;
  const source = readFileSync(file, 'utf8');
  return [`'${name}'`, `"${name}"`].some((title) => source.includes(title));
}

describe('the attack table of docs/security.md', () => {
  it('has every row once, in order', () => {
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: ROWS }, (_, index) => `A${index + 1}`));
  });

  it('names tests that are there', () => {
    const tests = rows.flatMap((row) => row.tests);
    expect(tests.filter(([file, name]) => !isTestOf(file, name))).toEqual([]);
  });

  it('shows every answer by a test, but those of features that are named as missing', () => {
    const silent = rows.filter(({ answer, tests }) => answer.startsWith(FEATURE_IS_MISSING) === tests.length > 0);
    expect(silent.map(({ id }) => id)).toEqual([]);
    const answered = rows.filter(({ tests }) => tests.length > 0).length;
    process.stdout.write(`Attacks answered: ${answered} of ${ROWS}\n`);
    expect(answered).toBeGreaterThanOrEqual(60);
  });
});
