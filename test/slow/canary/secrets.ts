const plain = (name: string) => `kanari-${name}-9f41c27be08d`;

/** Every secret a process is given, each unlike any other, and unlike what logs would recognise by its looks. */
export const SECRETS = {
  bootstrap: 'gh_kanaribootstrap_9f41c27be08d5a6377c1',
  // As base64 they are what is configured; the sealed columns must hold neither form.
  encryption: Buffer.from('kanari-encryption-9f41c27be08d-x').toString('base64'),
  database: plain('database'),
  redis: plain('redis'),
  groq: plain('groq'),
  together: plain('together'),
  huggingface: plain('huggingface'),
  openai: plain('openai'),
  anthropic: plain('anthropic'),
  google: plain('google'),
  stored: plain('stored'),
  // Only small letters and `_`: what a vendor might call an error.
  word: 'kanari_secret_in_words',
  userinfo: plain('userinfo'),
  rejected: plain('rejected'),
  query: plain('query'),
} as const;

const SPELLINGS = Object.entries(SECRETS).flatMap(([name, secret]) =>
  [secret, Buffer.from(secret).toString('base64').replaceAll('=', ''), encodeURIComponent(secret)].map(
    (spelling) => [name, spelling] as const,
  ),
);

/** Where in a text which secret stands, with a little of what is round it. */
export function secretsIn(text: string): string[] {
  return SPELLINGS.flatMap(([name, spelling]) => {
    const at = text.indexOf(spelling);
    return at < 0 ? [] : [`${name}: …${text.slice(Math.max(0, at - 120), at + spelling.length + 40)}…`];
  });
}
