import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A configuration by which the backend keeps what it stores in files of this folder. */
export const kept = (folder: string): string =>
  JSON.stringify({
    backend: { database: { connection: { directory: folder } } },
  });

/** What Tech Insights has stored of the retriever `goldenpath`, and may be given of other days and components. */
export class Facts {
  readonly #database;

  constructor(folder: string) {
    this.#database = new DatabaseSync(join(folder, 'tech-insights.sqlite'));
  }

  /** The newest facts of a component that has reached a tier. */
  of(name: string, tier: string): Record<string, unknown> {
    const rows = this.#database
      .prepare(
        'SELECT facts FROM facts WHERE entity = ? ORDER BY timestamp DESC',
      )
      .all(`component:default/${name}`);
    const found = rows
      .map(row => JSON.parse(String(row.facts)))
      .find(facts => facts.report && facts.tier === tier);
    if (!found) throw new Error(`${name} never was ${tier || 'below'}`);
    return found;
  }

  /** Stores some as found at that time, under the version of those that are there. */
  add(name: string, at: Date, facts: Record<string, unknown>): void {
    this.#database
      .prepare(
        `INSERT INTO facts (id, version, entity, timestamp, facts)
         SELECT id, version, ?, ?, ? FROM fact_schemas WHERE id = 'goldenpath'`,
      )
      .run(
        `component:default/${name}`,
        at.toISOString().replace('Z', '+00:00'),
        JSON.stringify(facts),
      );
  }

  close(): void {
    this.#database.close();
  }
}
