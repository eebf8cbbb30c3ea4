/** What is said about each key of a config, for its JSON Schema and its documentation. `*` is any key. */
export const DESCRIPTIONS: Readonly<Record<string, string>> = {
  service: 'What produces the telemetry',
  'service.name': 'Name of the service. Default: OTEL_SERVICE_NAME, else the name in package.json',
  'service.version': 'Version of the service. Default: none',
  'service.attributes':
    'Attributes of the resource, such as `deployment.region`. Default: those in OTEL_RESOURCE_ATTRIBUTES',
  signals: 'What is made at all; true and false are short for { enabled }',
  'signals.tracing': 'Spans',
  'signals.tracing.enabled': 'Whether spans are made',
  'signals.tracing.sample': 'Share of new traces that are kept, 0 to 1',
  'signals.metrics': 'Counters, gauges and histograms',
  'signals.metrics.enabled': 'Whether metrics are made',
  'signals.metrics.maxSeries': 'Label sets of one metric beyond which the rest is one overflow series',
  'signals.logs': 'Log lines',
  'signals.logs.enabled': 'Whether logs are made',
  'signals.logs.level': 'Logs below it are not made',
  'signals.scores': 'Judgements by programs',
  'signals.scores.enabled': 'Whether scores are made',
  'signals.feedback': 'Judgements by people',
  'signals.feedback.enabled': 'Whether feedback is made',
  capture: 'What is taken up of what people and models say',
  'capture.content': 'false leaves out inputs and outputs of spans and the data of logs',
  redact: 'Redaction of secrets; true and false are short for { enabled }',
  'redact.enabled': 'Whether what is named or looks like a secret is hidden',
  'redact.keys': 'Names of fields that are hidden besides the built-in ones',
  limits: 'How large an event may be; what is beyond is cut and marked',
  'limits.maxValueBytes': 'Bytes of one text',
  'limits.maxEventBytes': 'Bytes of one event',
  'limits.maxDepth': 'Levels of nesting',
  'limits.maxKeys': 'Keys of one object',
  'limits.maxItems': 'Items of one list',
  dataDir: 'Directory for files of ours; a relative path starts at the project root',
  deadLetters:
    'Whether events that a destination refused for good are kept, in `dead-letters/<key>.jsonl` in dataDir',
  shutdownTimeoutMs: 'Milliseconds that a shutdown takes at most',
  handleSignals:
    'Whether SIGTERM and SIGINT shut down before they end the process; where the application listens for them they only flush',
  watch: 'Whether a change of the config file, or of a file that it imports, is followed by a reload',
  selfMetrics:
    'The counts of delivery as metrics, obs.delivery.*; true and false are short for { enabled }, an object without it switches them on',
  'selfMetrics.enabled': 'Whether they are emitted',
  'selfMetrics.intervalMs': 'Milliseconds between two reports; a flush and the shutdown report too',
  plugins:
    'The plugins by key; the key is the name of the entry everywhere. null in a later layer removes an entry',
  'plugins.*': 'A plugin by its name, or with settings',
  'plugins.*.use': 'Name of the plugin: built-in, package, or a path that starts with `./`',
  'plugins.*.options': 'Options of the plugin; a later layer that changes `use` discards them',
  'plugins.*.enabled': 'Whether the entry is on. Options of one that is off are not checked',
  'plugins.*.signals': 'The signals it gets. Default: all that it supports',
  'plugins.*.delivery':
    'How events wait and travel to this plugin, for each signal. A plugin may have other defaults',
  'plugins.*.delivery.maxItems': 'Events of one batch',
  'plugins.*.delivery.maxBytes': 'Bytes of one batch',
  'plugins.*.delivery.maxDelayMs': 'Milliseconds that the first event of a batch waits for company',
  'plugins.*.delivery.queueItems': 'Events that may wait',
  'plugins.*.delivery.queueBytes': 'Bytes that may wait',
  'plugins.*.delivery.whenFull': 'What gives way in a full queue, among the events of the least value',
  'plugins.*.delivery.timeoutMs': 'Milliseconds that one send may take',
  'plugins.*.delivery.durability':
    'What outlives what: nothing, the end of the process (os) or a power cut (disk), by a spool in dataDir',
  'plugins.*.delivery.spoolBytes': 'Bytes that may wait in the spool',
  'plugins.*.delivery.retry': 'Pauses between attempts: full jitter below a limit that grows',
  'plugins.*.delivery.retry.initialDelayMs': 'Limit of the first pause',
  'plugins.*.delivery.retry.factor': 'How the limit grows',
  'plugins.*.delivery.retry.maxDelayMs': 'Largest limit',
  'plugins.*.delivery.retry.maxElapsedMs':
    'Milliseconds after the first failure at which a batch is divided, and a single event given up',
  'plugins.*.delivery.retry.breakAfter':
    'Failures in a row after which one batch is tried and the others wait',
  'plugins.*.delivery.retry.probeMs': 'Milliseconds between two attempts while a destination takes nothing',
  'plugins.*.strategy': 'How a store is written to, by signal. Default: what it prefers',
  'plugins.*.strategy.*': 'The strategy for this signal',
  'plugins.*.capture': 'The same as `capture` of the whole config, for this entry',
  'plugins.*.capture.content':
    'false leaves out inputs and outputs of spans and the data of logs. Default: as for all',
  'plugins.*.processors': 'Processors that this entry alone goes through. Default: none',
  'plugins.*.processors.*': 'A processor by its name, or with options',
  'plugins.*.processors.*.use': 'Name of the processor: built-in, package, or a path that starts with `./`',
  'plugins.*.processors.*.options': 'Options of the processor',
  environments:
    'Overlays by environment, each like the config itself; OBS_ENV, else NODE_ENV, else development names the one that applies',
};

/** What is said about a key; undefined where nothing is. */
export function descriptionOf(path: readonly string[]): string | undefined {
  return DESCRIPTIONS[path.join('.')] ?? DESCRIPTIONS[[...path.slice(0, -1), '*'].join('.')];
}
