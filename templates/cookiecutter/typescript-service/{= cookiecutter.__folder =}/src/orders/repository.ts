/** Where orders are kept. The service knows the interface only: swap the memory for a database. */

import type { Order } from './models.ts';

/** Another order has this reference. */
export class ReferenceTakenError extends Error {}

/** What the service asks of a store. */
export interface OrderRepository {
  /** Keep the order; throws `ReferenceTakenError` if its reference is in use. */
  add(order: Order): Promise<void>;

  /** Find one. */
  get(id: string): Promise<Order | undefined>;

  /** Up to `limit` orders behind the place of `after`, by id. The order that stood there may be gone. */
  list(limit: number, after?: string): Promise<Order[]>;

  /** Forget one; says whether there was one. */
  remove(id: string): Promise<boolean>;

  /** Resolve if the store can serve, reject if not: part of the service's readiness. */
  ping(): Promise<void>;
}

/** Orders that live as long as the process: for a first deployment and for tests. */
export class InMemoryOrders implements OrderRepository {
  readonly #orders = new Map<string, Order>();

  add(order: Order): Promise<void> {
    if (this.#orders.values().some((known) => known.reference === order.reference)) {
      return Promise.reject(new ReferenceTakenError(order.reference));
    }
    this.#orders.set(order.id, order);
    return Promise.resolve();
  }

  get(id: string): Promise<Order | undefined> {
    return Promise.resolve(this.#orders.get(id));
  }

  list(limit: number, after = ''): Promise<Order[]> {
    return Promise.resolve(
      this.#orders
        .values()
        .filter((order) => order.id > after)
        .take(limit)
        .toArray(),
    );
  }

  remove(id: string): Promise<boolean> {
    return Promise.resolve(this.#orders.delete(id));
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }
}
