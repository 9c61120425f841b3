interface Parted {
  text?: unknown;
  parts?: unknown;
}

const isTextPart = (part: unknown): part is { readonly text: string } => {
  if (typeof part !== 'object' || part === null) return false;
  const { type, text, ...others } = part as { type?: unknown; text?: unknown };
  return type === 'text' && typeof text === 'string' && Object.keys(others).length === 0;
};

/** Texts among the parts, as chat APIs have them, become paragraphs of the input's text. Whatever else is wrong stays. */
export function gatherText<T extends Parted>(input: T): T {
  const { text, parts } = input;
  if (!Array.isArray(parts) || !parts.some(isTextPart) || !['undefined', 'string'].includes(typeof text)) return input;
  const texts = parts.filter(isTextPart).map((part) => part.text);
  const others = parts.filter((part) => !isTextPart(part));
  input.text = [...(text === undefined ? [] : [text]), ...texts].join('\n\n');
  if (others.length > 0) input.parts = others;
  else delete input.parts;
  return input;
}
