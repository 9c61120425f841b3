import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import type { MintedKey } from './api-key.service.js';
import type { Tenant } from './tenant.repository.js';

export class CreateTenantDto {
  @ApiProperty({ example: 'Acme' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  name: string;
}

export class TenantDto {
  @ApiProperty({ example: 'ten_01jd3fz8r0tq4v7m2x9s5n6k8p' })
  id: string;

  @ApiProperty({ example: 'Acme' })
  name: string;

  @ApiProperty({ example: '2026-11-21T07:00:00.000Z', format: 'date-time' })
  createdAt: string;
}

export class TenantKeyDto {
  @ApiProperty({ example: 'key_01jd3fz8r0tq4v7m2x9s5n6k8p' })
  id: string;

  /** The key itself. It is shown this once and cannot be read again. */
  @ApiProperty({ example: 'gh_key_01jd3fz8r0tq4v7m2x9s5n6k8p_k4t0v9q2m7x3c8b1n6z5s0d4f7g2h9j3p6r1w8y5' })
  key: string;
}

export class CreatedTenantDto extends TenantDto {
  /** The tenant's first administrator key, with all scopes. */
  @ApiProperty({ type: TenantKeyDto })
  apiKey: TenantKeyDto;
}

export function toTenantDto(tenant: Tenant): TenantDto {
  return { id: tenant.id, name: tenant.name, createdAt: tenant.createdAt.toISOString() };
}

export function toCreatedTenantDto(tenant: Tenant, { key, token }: MintedKey): CreatedTenantDto {
  return { ...toTenantDto(tenant), apiKey: { id: key.id, key: token } };
}
