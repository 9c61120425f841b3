import { ValidateBy } from 'class-validator';

/** An absolute http(s) address that paths can be appended to, without credentials in it: those belong into `apiKey`. */
function isBaseUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 2000 || /[\s\\\p{Cc}]/u.test(value)) return false;
  const url = URL.parse(value);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  return [url.username, url.password, url.search, url.hash].every((part) => part === '');
}

export const IsBaseUrl = (): PropertyDecorator =>
  ValidateBy(
    { name: 'isBaseUrl', validator: { validate: isBaseUrl } },
    { message: 'baseUrl must be an http or https URL without user name, password, query and fragment' },
  );
