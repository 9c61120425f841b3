/** Numbers the steps of one function: the n-th it asks for has the key `n`; inside worker step 4 they are `4.1`, `4.2`. */
export class StepScope {
  private last = 0;

  constructor(private readonly prefix = '') {}

  /** Called before anything is awaited, so that steps asked for together are numbered in the order of the code. */
  next(): string {
    return `${this.prefix}${++this.last}`;
  }

  inside(key: string): StepScope {
    return new StepScope(`${key}.`);
  }

  get isTop(): boolean {
    return this.prefix === '';
  }
}
