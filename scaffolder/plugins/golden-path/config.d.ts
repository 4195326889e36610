export interface Config {
  goldenpath?: {
    /**
     * The entity whose TechDocs have the guides of the checks. Default: component:default/goldenpath.
     *
     * @visibility frontend
     */
    documentation?: string;
  };
}
