/**
 * Judges every component of the catalog with goldenpath, and gives the verdicts to Tech Insights.
 *
 * @packageDocumentation
 */

export { techInsightsModuleGoldenPath as default } from './module';
export {
  createGoldenPathFactRetriever,
  type GoldenPathFactRetrieverOptions,
  RETRIEVER_ID,
} from './factRetriever';
