import { SetMetadata } from '@nestjs/common';

export const RAW_RESPONSE = 'guildhall:raw-response';

/** The handler's result is sent as it is, without envelope: metrics, downloads, protocol surfaces. */
export const RawResponse = () => SetMetadata(RAW_RESPONSE, true);
