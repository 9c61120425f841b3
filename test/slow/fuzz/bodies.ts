import fc, { type Arbitrary } from 'fast-check';
import { type OpenApi, type Schema, resolveSchema } from './document.js';
import { mutate, mutation } from './mutations.js';
import type { FuzzBody } from './requests.js';
import { anyText, valuesOf } from './values.js';

const BOUNDARY = 'guildhall-fuzz';
const FILE_NAMES = ['a.txt', 'a.html', '../../x', 'C:\\CON', '.env', 'a'.repeat(300), 'bücher😀.md', ''];
const FILE_TYPES = ['text/plain', 'text/html', 'application/pdf', 'image/svg+xml', 'a/b', 'text/plain; charset=utf-16'];
const FILE_STARTS = [
  '',
  '%PDF-1.7\n',
  'PK\u0003\u0004',
  '<!doctype html><p>',
  '# A heading\n',
  '\ufeff{"a":',
  '\u0000\u0001',
];

/** Bodies of this type: about half of them as the schema says, the others changed in one or two places. */
export function bodyOf(type: string, schema: Schema, document: OpenApi): Arbitrary<FuzzBody> {
  if (type === 'multipart/form-data') return formOf(schema, document);
  return fc
    .tuple(valuesOf(schema, document), fc.oneof(fc.constant([]), fc.array(mutation, { maxLength: 2 })))
    .map(([value, mutations]) => ({ type, body: JSON.stringify(mutations.reduce(mutate, value)) ?? '' }));
}

function formOf(schema: Schema, document: OpenApi): Arbitrary<FuzzBody> {
  const fields = (schema.anyOf ?? [schema]).flatMap((one) =>
    Object.keys(resolveSchema(one, document).properties ?? {}),
  );
  const name = fc.constantFrom(...fields, 'toString', '__proto__', 'x');
  const field = fc.tuple(name, anyText).map(([of, value]) => part(`name="${of}"`, value));
  const file = fc
    .tuple(fc.constantFrom(...FILE_NAMES), fc.constantFrom(...FILE_TYPES), fc.constantFrom(...FILE_STARTS), anyText)
    .map(([of, as, start, value]) => part(`name="file"; filename="${of}"`, start + value, as));
  const end = fc.constantFrom(`--${BOUNDARY}--\r\n`, `--${BOUNDARY}--\r\n`, `--${BOUNDARY}--\r\n`, '');
  const type = fc.constantFrom(
    `; boundary=${BOUNDARY}`,
    `; boundary=${BOUNDARY}`,
    `; boundary=${BOUNDARY}`,
    '; boundary=x',
    '',
  );
  return fc
    .record({
      parts: fc.array(fc.oneof({ weight: 3, arbitrary: file }, { weight: 1, arbitrary: field }), { maxLength: 3 }),
      end,
      type,
    })
    .map((form) => ({ type: `multipart/form-data${form.type}`, body: form.parts.join('') + form.end }));
}

const part = (disposition: string, content: string, type?: string): string =>
  [
    `--${BOUNDARY}`,
    `content-disposition: form-data; ${disposition}`,
    ...(type ? [`content-type: ${type}`] : []),
    '',
    content,
    '',
  ].join('\r\n');
