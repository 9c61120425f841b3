import { ValidateBy } from 'class-validator';
import { ValidationError } from '@guildhall/sdk';

/** Text search configurations that every Postgres since 13 brings. */
const CONFIGURATIONS = new Set(
  'arabic danish dutch english finnish french german greek hungarian indonesian irish italian lithuanian nepali norwegian portuguese romanian russian simple spanish swedish tamil turkish'.split(
    ' ',
  ),
);

/** Languages without a stemmer of their own: words as they are; scripts without spaces as character bigrams. */
const UNSTEMMED = new Set(['chinese', 'japanese', 'korean', 'thai', 'lao', 'khmer', 'burmese', 'other']);

const CODES: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    ar: 'arabic',
    da: 'danish',
    nl: 'dutch',
    en: 'english',
    fi: 'finnish',
    fr: 'french',
    de: 'german',
    el: 'greek',
    hu: 'hungarian',
    id: 'indonesian',
    ga: 'irish',
    it: 'italian',
    lt: 'lithuanian',
    ne: 'nepali',
    no: 'norwegian',
    nb: 'norwegian',
    pt: 'portuguese',
    ro: 'romanian',
    ru: 'russian',
    es: 'spanish',
    sv: 'swedish',
    ta: 'tamil',
    tr: 'turkish',
    zh: 'chinese',
    ja: 'japanese',
    ko: 'korean',
    th: 'thai',
  }),
);

const CHOICES = `Use one of ${[...CONFIGURATIONS, ...UNSTEMMED].join(', ')}, or its two-letter code`;

/** The name under which a language is stored: `en`, `en-US` and `English` are all `english`. */
export function resolveLanguage(language: string, path = 'language'): string {
  const known = knownLanguage(language);
  if (known !== undefined) return known;
  const message = `The language '${language.slice(0, 40)}' is not known`;
  throw new ValidationError(message, [{ path, code: 'unknown_language', message: CHOICES }]);
}

/** A field with a language that `resolveLanguage` knows. */
export const IsLanguage = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'unknownLanguage',
      validator: { validate: (value) => typeof value === 'string' && knownLanguage(value) !== undefined },
    },
    { message: CHOICES },
  );

function knownLanguage(language: string): string | undefined {
  const name = language.trim().toLowerCase();
  const known = CODES.get(name.split(/[-_]/)[0]!) ?? name;
  return CONFIGURATIONS.has(known) || UNSTEMMED.has(known) ? known : undefined;
}

/** The Postgres text search configuration that analyses a language. */
export const textSearchConfig = (language: string): string => (CONFIGURATIONS.has(language) ? language : 'simple');
