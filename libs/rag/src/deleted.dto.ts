import { ApiProperty } from '@nestjs/swagger';

/** What was deleted. */
export class DeletedDto {
  /** @example "doc_01k9x3v7q2m4t6w8y0a2c4e6g8" */
  id: string;

  @ApiProperty({ enum: [true] })
  deleted: true;
}
