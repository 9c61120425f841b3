import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { leadsToMetadata } from '@guildhall/core';

/** An absolute http(s) address that paths can be appended to, without credentials in it: those belong into `apiKey`. */
function isBaseUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 2000 || /[\s\\\p{Cc}]/u.test(value)) return false;
  const url = URL.parse(value);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  return [url.username, url.password, url.search, url.hash].every((part) => part === '');
}

/** Told now, because every call would be refused: the outbound guard lets no one through to these addresses. */
function isCallable(value: unknown): boolean {
  return !isBaseUrl(value) || !leadsToMetadata(new URL(value as string));
}

export const IsBaseUrl = (): PropertyDecorator =>
  applyDecorators(
    ValidateBy(
      { name: 'isBaseUrl', validator: { validate: isBaseUrl } },
      { message: 'baseUrl must be an http or https URL without user name, password, query and fragment' },
    ),
    ValidateBy(
      { name: 'outboundBlocked', validator: { validate: isCallable } },
      { message: "baseUrl leads to a metadata service, which is never called: give the address of the vendor's API" },
    ),
  );
