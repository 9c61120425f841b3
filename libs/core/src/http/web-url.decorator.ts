import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';

/** As it is asked for and indexed: `漢` is nine of them. */
const MAX_BYTES = 2048;

/**
 * An absolute http(s) URL without credentials that every parser reads alike; undefined for any other value. White space,
 * control characters, backslashes, and invisible characters in a host's name are dropped or turned by some and not by
 * others.
 */
export function readWebUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || value.length > MAX_BYTES) return undefined;
  if (/[\s\\\p{Cc}]/u.test(value) || !/^https?:\/\/[^/?#\p{Cf}]+(?:[/?#]|$)/iu.test(value)) return undefined;
  const url = URL.parse(value);
  // What is not ASCII is escaped by now, so that characters are bytes.
  if (!url || url.username !== '' || url.password !== '' || url.href.length > MAX_BYTES) return undefined;
  return url;
}

/** The field is a URL that `readWebUrl` reads. */
export const IsWebUrl = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ maxLength: MAX_BYTES }),
    ValidateBy(
      { name: 'isWebUrl', validator: { validate: (value) => readWebUrl(value) !== undefined } },
      {
        message: `$property must be an http or https URL without user name and password, of at most ${MAX_BYTES} bytes when it is encoded`,
      },
    ),
  );
