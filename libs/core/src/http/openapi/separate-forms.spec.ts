import { separateForms } from './separate-forms.js';

describe('a body that is JSON or a form', () => {
  it('has for each media type what it can carry', () => {
    const [text, file] = ['Text', 'File'].map((name) => ({ $ref: `#/components/schemas/${name}` }));
    const both = () => ({ schema: { anyOf: [text!, file!] } });
    const content = { 'application/json': both(), 'multipart/form-data': both() };
    separateForms(content, {
      Text: { properties: { text: { type: 'string' } } },
      File: { properties: { file: { type: 'string', format: 'binary' } } },
    });
    expect(content).toEqual({ 'application/json': { schema: text }, 'multipart/form-data': { schema: file } });
  });
});
