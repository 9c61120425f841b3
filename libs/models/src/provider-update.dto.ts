import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min, ValidateIf, ValidateNested } from 'class-validator';
import { IsBaseUrl } from './base-url.decorator.js';
import {
  IsApiKey,
  IsEndpoints,
  IsModels,
  MAX_BUDGET,
  Optional,
  ProviderEndpointDto,
  ProviderModelDto,
  ProviderTimeoutsDto,
} from './provider.dto.js';

/** Left out: as it was. Null: as if it had never been given. */
const Removable = () => ValidateIf((_, value) => value !== undefined && value !== null);

/** What to change of a stored provider. */
export class UpdateProviderDto {
  /** Null: the vendor's own, where it has one. A stored key goes only where it was stored for: send it again as well. */
  @ApiProperty({ required: false, nullable: true, type: String, example: 'https://llm.example.org/v1' })
  @Removable()
  @IsBaseUrl()
  baseUrl?: string | null;

  /** Null removes it. */
  @ApiProperty({ required: false, nullable: true, type: String, writeOnly: true, example: 'sk-0123456789' })
  @Removable()
  @IsApiKey()
  apiKey?: string | null;

  /** All of them, with their keys; null leaves the provider's own key and address. */
  @ApiProperty({ required: false, nullable: true, type: [ProviderEndpointDto] })
  @Removable()
  @IsEndpoints()
  endpoints?: ProviderEndpointDto[] | null;

  @ApiProperty({ required: false, minimum: 1, maximum: 1000, example: 2 })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(1000)
  priority?: number;

  /** All of them. */
  @ApiProperty({ required: false, type: [ProviderModelDto] })
  @Optional()
  @IsModels()
  models?: ProviderModelDto[];

  /** Null: no limit of its own. */
  @ApiProperty({ required: false, nullable: true, type: Number, minimum: 0, example: 5000000 })
  @Removable()
  @IsInt()
  @Min(0)
  @Max(MAX_BUDGET)
  budgetMicroUsdPerDay?: number | null;

  /** All of them; null for the defaults. */
  @ApiProperty({ required: false, nullable: true, type: ProviderTimeoutsDto })
  @Removable()
  @ValidateNested()
  @Type(() => ProviderTimeoutsDto)
  timeouts?: ProviderTimeoutsDto | null;
}
