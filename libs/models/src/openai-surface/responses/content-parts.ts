import { type Fields, isFields, unsupported, withoutNulls, wrong } from '../faults.js';

/** The content of what is said to a model, each part checked. */
export function inputParts(content: unknown, path: string, withImages: boolean): Fields[] {
  if (typeof content === 'string') return [{ type: 'input_text', text: content }];
  return partsOf(content, path).map((part, index) => {
    const at = `${path}[${index}]`;
    if (part['type'] === 'input_text') return { type: 'input_text', text: textOf(part, 'text', at) };
    if (part['type'] === 'input_image' && withImages) return imageOf(part, at);
    const taken = withImages ? 'input_text or input_image' : 'input_text';
    throw wrong(`${at}.type`, `${at}.type must be ${taken}: nothing else is taken here`);
  });
}

/** The content of what a model said. */
export function outputParts(content: unknown, path: string): Fields[] {
  if (typeof content === 'string') return [outputText(content)];
  return partsOf(content, path).map((part, index) => {
    const at = `${path}[${index}]`;
    if (part['type'] === 'output_text') return outputText(textOf(part, 'text', at));
    if (part['type'] === 'refusal') return { type: 'refusal', refusal: textOf(part, 'refusal', at) };
    throw wrong(`${at}.type`, `${at}.type must be output_text or refusal`);
  });
}

export function outputText(text: string, annotations: readonly object[] = []): Fields {
  return { type: 'output_text', text, annotations, logprobs: [] };
}

function partsOf(content: unknown, path: string): Fields[] {
  if (!Array.isArray(content)) throw wrong(path, `${path} must be a string or a list of parts`);
  return content.map((part: unknown, index) => {
    if (isFields(part)) return withoutNulls(part);
    throw wrong(`${path}[${index}]`, `${path}[${index}] must be an object with a type`);
  });
}

function imageOf({ image_url: url, file_id: file, detail = 'auto' }: Fields, path: string): Fields {
  if (typeof file === 'string') {
    throw unsupported(`${path}.file_id`, `${path}: no files are kept for models; send image_url, a data URL will do`);
  }
  if (typeof url === 'string' && URL.canParse(url)) return { type: 'input_image', image_url: url, detail };
  throw wrong(`${path}.image_url`, `${path}.image_url must be a URL`);
}

function textOf(part: Fields, field: string, path: string): string {
  const value = part[field];
  if (typeof value === 'string') return value;
  throw wrong(`${path}.${field}`, `${path}.${field} must be a string`);
}
