const PUNCTUATION = '{}[],:';
const SPACE = ' \t\r\n';
/** Deeper levels look like this one: what is nested without end must not be indented without end. */
const MAX_INDENT = 16;

/**
 * Valid JSON as a reader sees it: a line for each value with its name before it, strings without quotes and escapes,
 * numbers digit for digit. Goes by the source's tokens: no depth and no size of a number is too much.
 */
export function jsonText(source: string): string {
  const lines: string[] = [];
  const open: ('{' | '[')[] = [];
  let name: string | undefined;
  let label = '';
  for (const token of tokensOf(source)) {
    if (token === '}' || token === ']') open.pop();
    else if (token === ',' || token === ':') continue;
    else if (token === '{' || token === '[') {
      if (label || open.at(-1) === '[') lines.push(line(open.length, label || '-'));
      open.push(token);
      name = undefined;
      label = '';
    } else if (open.at(-1) === '{' && name === undefined) {
      name = shown(token);
      label = `${name}:`;
    } else {
      lines.push(line(open.length, `${label || (open.length > 0 ? '-' : '')} ${shown(token)}`.trim()));
      name = undefined;
      label = '';
    }
  }
  return lines.join('\n');
}

/** By hand and not by a pattern, whose memory grows with every escape of a long string. */
function* tokensOf(source: string): Generator<string> {
  for (let at = 0, end = 0; at < source.length; at = end) {
    end = at + 1;
    if (SPACE.includes(source[at]!)) continue;
    if (source[at] === '"') {
      while (source[end] !== '"') end += source[end] === '\\' ? 2 : 1;
      end++;
    } else if (!PUNCTUATION.includes(source[at]!)) {
      while (end < source.length && !(PUNCTUATION + SPACE).includes(source[end]!)) end++;
    }
    yield source.slice(at, end);
  }
}

const line = (depth: number, text: string): string =>
  ' '.repeat(Math.min(Math.max(depth - 1, 0) * 2, MAX_INDENT)) + text;

/** A string as its characters; what cannot be stored, NUL and halves of characters, as U+FFFD. */
function shown(token: string): string {
  if (!token.startsWith('"')) return token;
  return (JSON.parse(token) as string).replaceAll('\0', '\ufffd').toWellFormed();
}
