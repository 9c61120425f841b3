/** What separates the parts of an address, and so must not stand in a user name or password as it is. */
const SEPARATORS = /[/?#]/g;

/**
 * Why an address cannot be read as it is meant, with the remedy; undefined where it can. A password with a `#`, `/` or
 * `?` in it moves what comes after: `postgres://app:1#2@db/x` is, to the letter, port 1 of a host `app`. Says nothing of
 * what the address holds: that may be the password.
 */
export function addressFault(address: string): string | undefined {
  const wrong = misplaced(address);
  if (wrong.length === 0) return URL.canParse(address) ? undefined : 'its host or port cannot be read';
  const remedy = wrong.map((character) => `'${character}' as ${encodeURIComponent(character)}`).join(', ');
  return `a user name, password or name in it has a character with a meaning of its own; write ${remedy}`;
}

function misplaced(address: string): readonly string[] {
  const afterScheme = address.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  if (!URL.canParse(address)) {
    const credentials = afterScheme.slice(0, Math.max(0, afterScheme.lastIndexOf('@')));
    return [...new Set(credentials.match(SEPARATORS))];
  }
  const { username, password, pathname, search, hash } = new URL(address);
  // An @ behind the first separator: what stands before it was meant as the password.
  const found = [
    ...(hash === '' ? [] : ['#']),
    ...(pathname.includes('@') ? ['/'] : []),
    ...(/^\?[^=&]*@/.test(search) ? ['?'] : []),
  ];
  return [username, password, pathname].every(isDecodable) ? found : [...found, '%'];
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
