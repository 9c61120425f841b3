import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsObject, IsString, Length, ValidateBy } from 'class-validator';
import { IsWhole, IsWithin, MaxJsonBytes, Optional } from '@guildhall/core';
import { MAX_OUTPUT_TOKENS, MAX_SEED } from '@guildhall/sdk';

/** Which model answers: the ranked providers by `route`, or one model pinned by `provider` and `name`. */
export class ModelReferenceDto {
  @ApiProperty({ required: false, enum: ['default'], example: 'default' })
  @Optional()
  @IsIn(['default'])
  route?: string;

  /** Id of the provider whose model is pinned; needs `name`. */
  @ApiProperty({ required: false, example: 'groq' })
  @Optional()
  @IsString()
  @Length(1, 64)
  provider?: string;

  /** The pinned model, as its provider calls it; needs `provider`. */
  @ApiProperty({ required: false, example: 'llama-3.3-70b' })
  @Optional()
  @IsString()
  @Length(1, 200)
  name?: string;

  /** A pinned model may fail over to the ranked ones. */
  @ApiProperty({ required: false, default: false })
  @Optional()
  @IsBoolean()
  fallback?: boolean;

  /** The built-in extractive provider may answer where all others fail. */
  @ApiProperty({ required: false, default: false })
  @Optional()
  @IsBoolean()
  fallbackToBuiltin?: boolean;

  @ApiProperty({ required: false, example: 0.2 })
  @Optional()
  @IsWithin(0, 2)
  temperature?: number;

  @ApiProperty({ required: false })
  @Optional()
  @IsWhole(1, MAX_OUTPUT_TOKENS)
  maxOutputTokens?: number;

  @ApiProperty({ required: false })
  @Optional()
  @IsWhole(-MAX_SEED, MAX_SEED)
  seed?: number;

  /** Weight of providers in the ranking, 0 to 1. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'number', minimum: 0, maximum: 1 },
    selfRequired: false,
    example: { groq: 0.8 },
  })
  @Optional()
  @IsObject()
  @ValidateBy(
    { name: 'isWeights', validator: { validate: areWeights } },
    { message: 'preferences must name providers with numbers from 0 to 1' },
  )
  @MaxJsonBytes(16 * 1024)
  preferences?: Record<string, number>;
}

function areWeights(value: unknown): boolean {
  return Object.values(value ?? {}).every((weight) => typeof weight === 'number' && weight >= 0 && weight <= 1);
}
