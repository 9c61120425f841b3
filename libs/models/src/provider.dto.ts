import { ApiProperty } from '@nestjs/swagger';
import { applyDecorators } from '@nestjs/common';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsString, Length, Matches, NotEquals } from 'class-validator';
import { IsWhole, Nested, NestedList, Optional } from '@guildhall/core';
import { MAX_CALL_TOKENS, MAX_MICRO_USD, MAX_PRICE_PER_MTOK } from '@guildhall/sdk';
import { IsBaseUrl } from './base-url.decorator.js';

const MAX_TIMEOUT_MS = 3_600_000;

/** A model of a provider. Prices are micro-USD per million tokens; one without prices costs nothing. */
export class ProviderModelDto {
  /** As the vendor calls it. */
  @ApiProperty({ example: 'openai/gpt-oss-120b' })
  @IsString()
  @Length(1, 200)
  @Matches(/^\S+$/, { message: 'name must not contain spaces' })
  name: string;

  @ApiProperty({ required: false, example: 128000 })
  @Optional()
  @IsWhole(1, MAX_CALL_TOKENS)
  contextTokens?: number;

  @ApiProperty({ required: false, example: 590000 })
  @Optional()
  @IsWhole(0, MAX_PRICE_PER_MTOK)
  inputPricePerMTok?: number;

  /** Of input that the vendor had in its cache. Default: the price of input. */
  @ApiProperty({ required: false, example: 295000 })
  @Optional()
  @IsWhole(0, MAX_PRICE_PER_MTOK)
  cachedInputPricePerMTok?: number;

  /** Of input that the vendor put into its cache. Default: the price of input. */
  @ApiProperty({ required: false, example: 737500 })
  @Optional()
  @IsWhole(0, MAX_PRICE_PER_MTOK)
  cacheWritePricePerMTok?: number;

  @ApiProperty({ required: false, example: 790000 })
  @Optional()
  @IsWhole(0, MAX_PRICE_PER_MTOK)
  outputPricePerMTok?: number;
}

/** Time limits of a call in ms. */
export class ProviderTimeoutsDto {
  /** Until the connection stands; at most 10 000. */
  @ApiProperty({ required: false, example: 5000 })
  @Optional()
  @IsWhole(1, 10_000)
  connectMs?: number;

  /** Until a stream says its first word. Default 60 000. */
  @ApiProperty({ required: false, example: 60000 })
  @Optional()
  @IsWhole(1, MAX_TIMEOUT_MS)
  firstTokenMs?: number;

  /** Between two words of a stream. Default 60 000. */
  @ApiProperty({ required: false, example: 60000 })
  @Optional()
  @IsWhole(1, MAX_TIMEOUT_MS)
  betweenTokensMs?: number;

  /** Of the whole call. Default 30 000; streams have none. */
  @ApiProperty({ required: false, example: 120000 })
  @Optional()
  @IsWhole(1, MAX_TIMEOUT_MS)
  totalMs?: number;
}

export const IsApiKey = () =>
  applyDecorators(
    IsString(),
    Length(1, 4096),
    ApiProperty({ maxLength: 4096 }),
    Matches(/^[\x21-\x7e]+$/, { message: 'apiKey must be printable ASCII without spaces' }),
  );

/** One key at one address. What is left out is the provider's own. */
export class ProviderEndpointDto {
  /** Where its API begins. */
  @ApiProperty({ required: false, example: 'https://llm-2.example.org/v1' })
  @Optional()
  @IsBaseUrl()
  baseUrl?: string;

  /** Stored encrypted and never shown again. */
  @ApiProperty({ required: false, example: 'sk-9876543210' })
  @Optional()
  @IsApiKey()
  apiKey?: string;
}

export const IsEndpoints = () =>
  applyDecorators(
    ArrayMinSize(1),
    ArrayMaxSize(20),
    ApiProperty({ maxItems: 20 }),
    NestedList(() => ProviderEndpointDto),
  );

export const IsModels = () =>
  applyDecorators(
    ArrayMinSize(1),
    ArrayMaxSize(200),
    ApiProperty({ maxItems: 200 }),
    ArrayUnique((model: ProviderModelDto | undefined) => model?.name, { message: 'models must have different names' }),
    NestedList(() => ProviderModelDto),
  );

/** A provider to store. One of the same id that the environment configures is replaced by it. */
export class CreateProviderDto {
  /** Its own slug; agents pin models by it. */
  @ApiProperty({ example: 'my-vllm' })
  @IsString()
  @Matches(/^[a-z0-9][a-z0-9-]{0,63}$/, { message: 'id must be 1 to 64 lower-case letters, digits and hyphens' })
  @NotEquals('builtin', { message: "id 'builtin' is taken by the built-in provider" })
  @NotEquals('ranking', { message: "id 'ranking' is reserved" })
  id: string;

  /** What it speaks; `GET /providers` shows the kinds of this installation. */
  @ApiProperty({ example: 'openai-compatible' })
  @IsString()
  @Length(1, 64)
  kind: string;

  /** Where its API begins, e.g. with `/v1` at the end. Known vendors have a default. */
  @ApiProperty({ required: false, example: 'https://llm.example.org/v1' })
  @Optional()
  @IsBaseUrl()
  baseUrl?: string;

  /** Stored encrypted and never shown again. */
  @ApiProperty({ required: false, example: 'sk-0123456789' })
  @Optional()
  @IsApiKey()
  apiKey?: string;

  /** More keys or addresses than one: calls are spread over all that work. Instead of the provider's own. */
  @ApiProperty({ required: false, type: [ProviderEndpointDto] })
  @Optional()
  @IsEndpoints()
  endpoints?: ProviderEndpointDto[];

  /** Decides between providers of equal score: 1 comes before 2. */
  @ApiProperty({ required: false, default: 1 })
  @IsWhole(1, 1000)
  priority: number = 1;

  /** The first is the one that `route: "default"` takes. */
  @ApiProperty({ type: [ProviderModelDto] })
  @IsModels()
  models: ProviderModelDto[];

  /** What all its calls of one day (UTC) may cost, in micro-USD; 0 stops it. Left out: no limit of its own. */
  @ApiProperty({ required: false, example: 5000000 })
  @Optional()
  @IsWhole(0, MAX_MICRO_USD)
  budgetMicroUsdPerDay?: number;

  @ApiProperty({ required: false, type: ProviderTimeoutsDto })
  @Optional()
  @Nested(() => ProviderTimeoutsDto)
  timeouts?: ProviderTimeoutsDto;
}
