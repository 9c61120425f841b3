import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../../telemetry/metrics.js';
import { Admission } from './admission.js';

/** How much of what this process has to give is taken. */
@Injectable()
export class AdmissionMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly admission: Admission,
  ) {}

  onModuleInit(): void {
    const { slots, answers, connections, memory } = this.admission;
    this.metrics.observe('requests_in_flight', 'HTTP requests being worked on', () => slots.taken);
    this.metrics.observe('open_answers', 'Streams and requests that wait', () => answers.count);
    this.metrics.observe('http_connections', 'Connections of clients', () => connections.taken);
    this.metrics.observe('memory_short', 'Whether requests are refused for want of memory', () =>
      Number(memory.isShort),
    );
  }
}
