import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { Metrics, knownCategory } from '@guildhall/core';
import { AppError, type ErrorCategory } from '@guildhall/sdk';
import type { RegisteredTool } from './tool-source.js';

type Outcome = 'succeeded' | ErrorCategory;

/** What operators see of tool calls, of runs and of clients. Tools are users' to name, so only their kind is a label. */
@Injectable()
export class ToolMetrics {
  private readonly calls: Counter<'kind' | 'outcome'>;
  private readonly durations: Histogram<'kind'>;

  constructor({ registry }: Metrics) {
    this.calls = new Counter({
      name: 'tool_calls_total',
      help: 'Calls of tools, by the kind of tool and how they ended: succeeded, or the category of the error',
      labelNames: ['kind', 'outcome'],
      registers: [registry],
    });
    this.durations = new Histogram({
      name: 'tool_call_duration_seconds',
      help: 'Time that calls of tools took, however they ended',
      labelNames: ['kind'],
      buckets: [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers: [registry],
    });
  }

  /** Times `call`, and counts how it ends. Whose signal is aborted has cancelled it, whatever for. */
  async count<T>({ kind }: RegisteredTool, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const end = (outcome: Outcome) => {
      this.calls.inc({ kind, outcome });
      this.durations.observe({ kind }, (performance.now() - began) / 1000);
    };
    try {
      const result = await call();
      end('succeeded');
      return result;
    } catch (error) {
      end(signal.aborted ? 'cancelled' : knownCategory(AppError.is(error) ? error.category : undefined));
      throw error;
    }
  }
}
