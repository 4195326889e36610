/** Where the process is between start and end: what `/readyz` tells the platform. */

/** A process moves through these in order, and never back. */
export type Phase = 'starting' | 'ready' | 'draining';

/** The phase of one application. */
export class Lifecycle {
  #phase: Phase = 'starting';

  get phase(): Phase {
    return this.#phase;
  }

  /** Everything is open. A shutdown that came first stays one. */
  ready(): void {
    if (this.#phase === 'starting') this.#phase = 'ready';
  }

  /** From here on, no new traffic is wanted. */
  drain(): void {
    this.#phase = 'draining';
  }
}
