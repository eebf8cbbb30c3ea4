/** How an exporter of Mastra runs here. */
export interface FromMastraOptions {
  /** Name of the plugin, and its key where it is registered by hand. Default: `mastra-` and the exporter's name. */
  name?: string;
  /** Whether each model call also appears as the `model_inference` that some exporters look for. Default true. */
  modelInference?: boolean;
  /**
   * Whether an event whose handler failed may be handed over again. Default `unsafe`: it may have arrived, and is
   * counted as `ambiguous`. Exporters of Mastra repeat their requests themselves.
   */
  redelivery?: 'safe' | 'unsafe';
  /**
   * Where its own log lines go. `host`: warnings and errors, to where this host warns. `console`: all from `info` on.
   * Default `host`, but `console` for Mastra's console exporter, which has no other output.
   */
  logTo?: 'host' | 'console';
}
