import {
  AppError,
  type CallObserver,
  NO_USAGE,
  type ProviderModel,
  type TokenUsage,
  type VendorUsage,
} from '@guildhall/sdk';
import { costMicroUsd } from '../routing/price.js';
import { believableUsage } from './believable-usage.js';

/** How an attempt ended, as far as it matters to those who pay. */
export interface AttemptOutcome {
  readonly failed: boolean;
  /** As reported by the vendor, as far as that can be true, with its price. */
  readonly usage: TokenUsage | undefined;
  /** The vendor began to answer and never said what that cost. */
  readonly unreported: boolean;
}

/** What one attempt used: told of while it lasts, closed once. */
export class AttemptAccount implements Required<CallObserver> {
  private hasBegun = false;
  private reported: VendorUsage | undefined;

  constructor(
    private readonly model: Partial<ProviderModel>,
    private readonly close: (outcome: AttemptOutcome) => void,
    /** Told of a report that cannot be true. */
    private readonly doubt: (reported: VendorUsage) => void,
  ) {}

  readonly onBegin = (): void => {
    this.hasBegun = true;
  };

  readonly onUsage = (usage: VendorUsage): void => {
    this.reported = this.believed(usage);
  };

  /** What the reply cost; nothing where its vendor did not count. */
  succeeded(reported: VendorUsage | undefined): TokenUsage {
    const usage = this.priced(reported ? this.believed(reported) : this.reported);
    this.close({ failed: false, usage, unreported: usage === undefined });
    return usage ?? NO_USAGE;
  }

  /** What it cost all the same; undefined where nothing was reported. */
  failed(error: unknown): TokenUsage | undefined {
    const usage = this.priced(this.reported);
    // A whole answer that nobody can read was begun as well.
    const hasBegun = this.hasBegun || (AppError.is(error) && error.code === 'provider_malformed_reply');
    this.close({ failed: true, usage, unreported: hasBegun && usage === undefined });
    return usage;
  }

  private believed(reported: VendorUsage): VendorUsage | undefined {
    const { usage, isDoubtful } = believableUsage(reported);
    if (isDoubtful) this.doubt(reported);
    return usage;
  }

  private priced(usage: VendorUsage | undefined): TokenUsage | undefined {
    return usage && { ...usage, costMicroUsd: costMicroUsd(this.model, usage) };
  }
}
