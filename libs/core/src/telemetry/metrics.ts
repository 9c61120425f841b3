import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';

/** The process's metrics. Label values come from fixed sets, never from user input: every value is a series. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
}
