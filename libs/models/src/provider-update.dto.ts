import { ApiProperty } from '@nestjs/swagger';
import { IsWhole, Nested, Nullable, Optional } from '@guildhall/core';
import { MAX_MICRO_USD } from '@guildhall/sdk';
import { IsBaseUrl } from './base-url.decorator.js';
import {
  IsApiKey,
  IsEndpoints,
  IsModels,
  ProviderEndpointDto,
  ProviderModelDto,
  ProviderTimeoutsDto,
} from './provider.dto.js';

/** What to change of a stored provider. Left out: as it was. Null: as if it had never been given. */
export class UpdateProviderDto {
  /** Null: the vendor's own, where it has one. A stored key goes only where it was stored for: send it again as well. */
  @ApiProperty({ required: false, nullable: true, type: String, example: 'https://llm.example.org/v1' })
  @Nullable()
  @IsBaseUrl()
  baseUrl?: string | null;

  /** Null removes it. */
  @ApiProperty({ required: false, nullable: true, type: String, example: 'sk-0123456789' })
  @Nullable()
  @IsApiKey()
  apiKey?: string | null;

  /** All of them, with their keys; null leaves the provider's own key and address. */
  @ApiProperty({ required: false, nullable: true, type: [ProviderEndpointDto] })
  @Nullable()
  @IsEndpoints()
  endpoints?: ProviderEndpointDto[] | null;

  @ApiProperty({ required: false, example: 2 })
  @Optional()
  @IsWhole(1, 1000)
  priority?: number;

  /** All of them. */
  @ApiProperty({ required: false, type: [ProviderModelDto] })
  @Optional()
  @IsModels()
  models?: ProviderModelDto[];

  /** Null: no limit of its own. */
  @ApiProperty({ required: false, nullable: true, example: 5000000 })
  @Nullable()
  @IsWhole(0, MAX_MICRO_USD)
  budgetMicroUsdPerDay?: number | null;

  /** All of them; null for the defaults. */
  @ApiProperty({ required: false, nullable: true, type: ProviderTimeoutsDto })
  @Nullable()
  @Nested(() => ProviderTimeoutsDto)
  timeouts?: ProviderTimeoutsDto | null;
}
