import { resolveLanguage, textSearchConfig } from './languages.js';

describe('languages', () => {
  it.each([
    ['English', 'english'],
    ['en', 'english'],
    ['de-AT', 'german'],
    ['pt_BR', 'portuguese'],
    ['zh', 'chinese'],
    ['simple', 'simple'],
  ])('knows %s as %s', (given, name) => expect(resolveLanguage(given)).toBe(name));

  it('refuses an unknown language and names the choices', () => {
    expect(() => resolveLanguage('klingon')).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        details: [expect.objectContaining({ path: 'language', message: expect.stringContaining('german') })],
      }),
    );
  });

  it('analyses languages without a stemmer as they are', () => {
    expect([textSearchConfig('german'), textSearchConfig('thai')]).toEqual(['german', 'simple']);
  });
});
