import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricRecorder } from '@guildhall/sdk';

const MAX_NAMES = 200;
const MAX_SERIES_PER_NAME = 500;
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/;

/** The process's metrics. Label values come from fixed sets, never from user input: every value is a series. */
@Injectable()
export class Metrics implements MetricRecorder {
  readonly registry = new Registry();

  readonly requests = new Counter({
    name: 'requests_total',
    help: 'HTTP requests answered, by route template',
    labelNames: ['method', 'endpoint', 'status'] as const,
    registers: [this.registry],
  });

  readonly requestDuration = new Histogram({
    name: 'request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames: ['method', 'endpoint'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [this.registry],
  });

  private readonly dropped = new Counter({
    name: 'recorded_metrics_dropped_total',
    help: 'Values that recordMetric refused because their name or labels would have made too many series',
    registers: [this.registry],
  });

  private readonly recorded = new Map<string, { gauge: Gauge; labels: readonly string[]; series: Set<string> }>();

  /** A gauge whose value is read when somebody looks; undefined: it cannot be told now. */
  observe(name: string, help: string, read: () => number | Promise<number | undefined>): void {
    const show = (value: number | undefined) => (value === undefined ? gauge.remove() : gauge.set(value));
    const collect = async () => show(await read());
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect });
  }

  /**
   * Sets the gauge `name` for these labels. Bounded: the labels' names are those of the first call, and what would
   * make too many series is dropped and counted, so that a careless caller cannot fill the memory.
   */
  recordMetric(name: string, value: number, labels: Readonly<Record<string, string>> = {}): void {
    const metric = this.recorded.get(name) ?? this.define(name, Object.keys(labels));
    const key = JSON.stringify(metric?.labels.map((label) => labels[label] ?? ''));
    const known = metric?.series.has(key);
    const sameLabels = metric !== undefined && Object.keys(labels).every((label) => metric.labels.includes(label));
    if (!metric || !sameLabels || (!known && metric.series.size >= MAX_SERIES_PER_NAME) || !Number.isFinite(value)) {
      this.dropped.inc();
      return;
    }
    metric.series.add(key);
    metric.gauge.set(labels, value);
  }

  private define(name: string, labels: readonly string[]) {
    const taken = this.registry.getSingleMetric(name) !== undefined;
    if (taken || this.recorded.size >= MAX_NAMES || ![name, ...labels].every((word) => NAME.test(word)))
      return undefined;
    const gauge = new Gauge({
      name,
      help: 'Recorded by the application',
      labelNames: labels,
      registers: [this.registry],
    });
    const metric = { gauge, labels, series: new Set<string>() };
    this.recorded.set(name, metric);
    return metric;
  }
}
