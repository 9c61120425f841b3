import { Session } from 'node:inspector';
import { getHeapStatistics } from 'node:v8';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Logger } from '@guildhall/sdk';
import { Settings } from '../config/settings.js';
import { LOGGER } from '../telemetry/logger.js';

const LOOK_EVERY_MS = 250;
/** A collection of all garbage stops the process for a moment. */
const COLLECT_EVERY_MS = 2000;
/** Parts of their limits at which memory is short. The heap's limit counts the young generation, which dies apart. */
const MOST_OF_HEAP = 0.8;
const MOST_OF_PROCESS = 0.92;
/** How far below those it must be for work to be taken again, and how far above it is refused without another look. */
const EASY = 0.9;
const CRITICAL = 1.1;

/**
 * Watches how near the process is to the end of its memory, so that it refuses work before the kernel or V8 ends it.
 * Garbage is no want: before it says so, it collects.
 */
@Injectable()
export class MemoryGuard implements OnModuleInit, OnModuleDestroy {
  private short = false;
  private timer: NodeJS.Timeout | undefined;
  private collectedAt = -Infinity;
  private readonly limit: number;

  constructor(
    { MEMORY_LIMIT }: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.limit = MEMORY_LIMIT > 0 ? MEMORY_LIMIT * 1024 * 1024 : process.constrainedMemory();
  }

  /** New work has to wait. */
  get isShort(): boolean {
    return this.short;
  }

  /** Bytes that this process may take until it is short of them; without a limit, endless. */
  get left(): number {
    if (this.limit <= 0) return Infinity;
    return Math.max(0, this.limit * MOST_OF_PROCESS - process.memoryUsage.rss());
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  look(now = performance.now()): void {
    const pressure = this.pressure();
    if (!this.short && pressure < 1) return;
    if (pressure >= CRITICAL) this.tell(true);
    if (now - this.collectedAt < COLLECT_EVERY_MS) return;
    this.collectedAt = now;
    this.collect();
    this.tell(this.pressure() >= (this.short ? EASY : 1));
  }

  /** 1 where memory is short. */
  protected pressure(): number {
    const heap = getHeapStatistics();
    const ofHeap = heap.used_heap_size / heap.heap_size_limit / MOST_OF_HEAP;
    // Without a limit it is 0, or more than any machine has.
    return this.limit > 0 ? Math.max(ofHeap, process.memoryUsage.rss() / this.limit / MOST_OF_PROCESS) : ofHeap;
  }

  /** With everything refused, V8 sees no reason to collect by itself. */
  protected collect(): void {
    const session = new Session();
    session.connect();
    session.post('HeapProfiler.collectGarbage');
    session.disconnect();
  }

  private tell(short: boolean): void {
    if (short === this.short) return;
    this.short = short;
    const { rss, heapUsed } = process.memoryUsage();
    const fields = { residentBytes: rss, heapBytes: heapUsed };
    if (short) this.logger.warn(fields, 'Memory is short: new requests are refused until there is more');
    else this.logger.info(fields, 'There is memory again: requests are taken as before');
  }
}
