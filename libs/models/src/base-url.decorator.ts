import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { leadsToMetadata, readWebUrl } from '@guildhall/core';

/** As of any web URL. */
const MAX_LENGTH = 2048;

/** An address that paths can be appended to. Credentials belong into `apiKey`. */
function isBaseUrl(value: unknown): boolean {
  const url = readWebUrl(value);
  return url !== undefined && url.search === '' && url.hash === '';
}

/** Told now, because every call would be refused: the outbound guard lets no one through to these addresses. */
function isCallable(value: unknown): boolean {
  return !isBaseUrl(value) || !leadsToMetadata(new URL(value as string));
}

export const IsBaseUrl = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ maxLength: MAX_LENGTH }),
    ValidateBy(
      { name: 'isBaseUrl', validator: { validate: isBaseUrl } },
      { message: 'baseUrl must be an http or https URL without user name, password, query and fragment' },
    ),
    ValidateBy(
      { name: 'outboundBlocked', validator: { validate: isCallable } },
      { message: "baseUrl leads to a metadata service, which is never called: give the address of the vendor's API" },
    ),
  );
