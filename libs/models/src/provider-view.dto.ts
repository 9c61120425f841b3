import { ApiProperty } from '@nestjs/swagger';
import { CatalogueItemDto } from '@guildhall/core';
import { ProviderModelDto, ProviderTimeoutsDto } from './provider.dto.js';

/** A further key or address of a provider, without the key. */
export class ProviderEndpointViewDto {
  @ApiProperty({ example: 'https://api.groq.com/openai/v1' })
  baseUrl: string;

  /** Whether it has a key, the provider's or one of its own. */
  @ApiProperty({ example: true })
  hasApiKey: boolean;
}

/** A provider as shown. Its key never is. */
export class ProviderDto extends CatalogueItemDto {
  @ApiProperty({ example: 'my-vllm' })
  declare id: string;

  /** What it speaks. */
  @ApiProperty({ example: 'openai-compatible' })
  declare kind: string;

  /**
   * Whether it answers: `unverified` until a call or a probe succeeded, `unhealthy` where those fail, `unavailable` where it
   * cannot be called at all.
   */
  @ApiProperty({ enum: ['unverified', 'healthy', 'unhealthy', 'unavailable'], example: 'healthy' })
  declare status: 'unverified' | 'healthy' | 'unhealthy' | 'unavailable';

  /** Why it is not healthy, and what to do. */
  @ApiProperty({ required: false, example: 'Set GROQ_API_KEY, or store a provider with POST /api/v1/providers' })
  reason?: string;

  /** Who configured it. */
  @ApiProperty({ enum: ['builtin', 'environment', 'stored'], example: 'environment' })
  source: 'builtin' | 'environment' | 'stored';

  @ApiProperty({ required: false, example: 'https://api.groq.com/openai/v1' })
  baseUrl?: string;

  /** Whether a key is configured. */
  @ApiProperty({ example: true })
  hasApiKey: boolean;

  /** Where there are several keys or addresses: all that calls are spread over. */
  @ApiProperty({ required: false, type: [ProviderEndpointViewDto] })
  endpoints?: ProviderEndpointViewDto[];

  @ApiProperty({ example: 1 })
  priority: number;

  @ApiProperty({ type: [ProviderModelDto] })
  models: ProviderModelDto[];

  /** What its calls of one day (UTC) may cost, in micro-USD. */
  @ApiProperty({ required: false, example: 5000000 })
  budgetMicroUsdPerDay?: number;

  @ApiProperty({ required: false, type: ProviderTimeoutsDto })
  timeouts?: ProviderTimeoutsDto;
}

/** A model that agents can name. */
export class ModelDto extends CatalogueItemDto {
  /** `<provider>/<model>`. */
  @ApiProperty({ example: 'groq/openai/gpt-oss-120b' })
  declare id: string;

  @ApiProperty({ enum: ['chat'], example: 'chat' })
  declare kind: 'chat';

  @ApiProperty({ enum: ['available', 'unavailable'], example: 'available' })
  declare status: 'available' | 'unavailable';

  @ApiProperty({ example: 'groq' })
  provider: string;

  @ApiProperty({ required: false, example: 128000 })
  contextTokens?: number;

  @ApiProperty({ required: false, example: 590000 })
  inputPricePerMTok?: number;

  @ApiProperty({ required: false, example: 590000 })
  cachedInputPricePerMTok?: number;

  @ApiProperty({ required: false, example: 737500 })
  cacheWritePricePerMTok?: number;

  @ApiProperty({ required: false, example: 790000 })
  outputPricePerMTok?: number;
}

/** Each part is 0..1, higher is better. */
export class RankingPartsDto {
  /** Share of the calls of the last minutes that succeeded; 0 while the breaker is open. */
  @ApiProperty({ example: 1 })
  health: number;

  /** 1 is free. */
  @ApiProperty({ example: 0.61 })
  cost: number;

  /** 1 is instant, 0.5 is a second, or unmeasured. */
  @ApiProperty({ example: 0.5 })
  performance: number;

  /** 0.5 unless an agent says otherwise. */
  @ApiProperty({ example: 0.5 })
  preference: number;
}

/** A provider in the order in which `route: "default"` tries them. */
export class RankingRowDto {
  @ApiProperty({ example: 'groq' })
  provider: string;

  /** The model the route takes; null until an endpoint was asked for its models. */
  @ApiProperty({ type: String, nullable: true, example: 'openai/gpt-oss-120b' })
  model: string | null;

  /** The parts, weighted and added up. */
  @ApiProperty({ example: 0.733 })
  score: number;

  @ApiProperty({ type: RankingPartsDto })
  parts: RankingPartsDto;

  /** They sum to 1. */
  @ApiProperty({ type: RankingPartsDto, example: { health: 0.4, cost: 0.3, performance: 0.2, preference: 0.1 } })
  weights: RankingPartsDto;

  /** Of the circuit breaker: an open one is not called. */
  @ApiProperty({ enum: ['closed', 'open', 'half_open'], example: 'closed' })
  state: 'closed' | 'open' | 'half_open';

  /** False: it has answered neither a call nor a probe yet, and comes after all that have. */
  @ApiProperty({ example: true })
  verified: boolean;

  /** False when a budget of the provider is used up: then it is passed over. */
  @ApiProperty({ example: true })
  withinBudget: boolean;
}

export class ProviderTestErrorDto {
  @ApiProperty({ example: 'provider_unavailable' })
  code: string;

  @ApiProperty({ example: "Provider 'groq' does not accept the API key: check it" })
  message: string;
}

/** What came of one small call. */
export class ProviderTestDto {
  @ApiProperty({ example: true })
  ok: boolean;

  @ApiProperty({ example: 'groq' })
  provider: string;

  @ApiProperty({ type: String, nullable: true, example: 'openai/gpt-oss-120b' })
  model: string | null;

  @ApiProperty({ example: 230 })
  latencyMs: number;

  @ApiProperty({ required: false, type: ProviderTestErrorDto })
  error?: ProviderTestErrorDto;
}
