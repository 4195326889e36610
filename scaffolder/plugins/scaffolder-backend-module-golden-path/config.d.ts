export interface Config {
  goldenpath?: {
    templates?: {
      /**
       * The hosts that templates may come from, reached by https, as in github.com or git.example.com:8443.
       * Default: github.com. With http:// before it, a host is reached by http: for a portal on one machine only.
       */
      allowedHosts?: string[];
    };
  };
}
