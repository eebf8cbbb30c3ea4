/**
 * Every code this package can raise, with the next action for whoever meets it.
 * A code is never reused for another meaning. `docs/errors.md` lists the same codes.
 */
export const ERROR_HINTS = {
  // configuration: reported together, before anything runs
  OBS_CONFIG_NOT_FOUND: 'Create obs.config.ts, or point OBS_CONFIG_FILE at an existing file.',
  OBS_CONFIG_LOAD: 'Run the file on its own to see the failure; the cause is attached to this error.',
  OBS_CONFIG_SYNTAX: 'Fix the syntax error at the place named above.',
  OBS_CONFIG_EMPTY: 'End the file with: export default defineConfig({ ... }).',
  OBS_CONFIG_TS: 'Use Node >= 22.18, install typescript (5 or 6), or write the file as JavaScript.',
  OBS_CONFIG_UNKNOWN_KEY: 'Remove the key or correct its spelling.',
  OBS_CONFIG_TYPE: 'Give a value of the expected type.',
  OBS_CONFIG_FORBIDDEN_KEY: 'Rename it: __proto__, constructor and prototype are never accepted as keys.',
  OBS_CONFIG_DUPLICATE_KEY: 'Give each plugin entry a key of its own.',
  OBS_CONFIG_ENV_VALUE: 'Correct or unset the variable.',
  OBS_CONFIG_ENV_MISSING:
    'Set the variable, give env() a default, or disable the entry for this environment.',
  OBS_CONFIG_SECRET_MISSING:
    'Set the variable that holds the secret, or disable the entry for this environment.',
  OBS_CONFIG_INVALID: 'Fix the problems listed; `obs check` shows them without starting anything.',
  // plugins: found while the config is turned into taps
  OBS_PLUGIN_NOT_FOUND: 'Install the package, correct the name, or give a path that starts with "./".',
  OBS_PLUGIN_LOAD: 'Import the module on its own to see the failure; the cause is attached to this error.',
  OBS_PLUGIN_NOT_A_PLUGIN: 'Pass what definePlugin() returned, or its name as a string.',
  OBS_PLUGIN_API_VERSION: 'Install a version of the plugin made for this host, or update obs-kit.',
  OBS_PLUGIN_NO_APPLY: 'Give definePlugin() an apply(host, options) function.',
  OBS_PLUGIN_MANIFEST: 'Correct the manifest given to definePlugin().',
  OBS_PLUGIN_OPTIONS: "Correct the option; the plugin's README lists what it accepts.",
  OBS_PLUGIN_APPLY: 'apply() must only tap and register; the cause is attached to this error.',
  OBS_PLUGIN_SIGNAL_UNDECLARED: "Add the signal to the manifest's `signals`, or do not tap it.",
  OBS_PLUGIN_SIGNAL_UNSUPPORTED: 'Choose among the signals that the plugin supports.',
  OBS_PLUGIN_DUPLICATE: 'Give each entry a key of its own.',
  OBS_PLUGIN_DEPENDENCY: 'Install the missing package.',
  OBS_HOST_SEALED: 'Tap and register inside apply(); nothing can be added once the host has started.',
  OBS_RELOAD_CLOSED: 'Reload before the shutdown; make a new instance with createObs() afterwards.',
  // stores
  OBS_STORE_STRATEGY: 'Choose one of the strategies that the store supports for this signal.',
  OBS_STORE_METHOD_MISSING:
    'Implement the method, or return null from the hint of a signal that is not stored.',
  OBS_STORE_QUERY: 'Correct the argument named above.',
  OBS_STORE_BUSY: 'Stop the owner, use another path, or read through the owner.',
  OBS_STORE_NEWER:
    'Open it with the obs-kit version that wrote it, or a newer one. The file was not touched.',
  OBS_STORE_CORRUPT: 'Move the file aside to start a new one. The file was not touched.',
  OBS_STORE_PATH: 'Choose a path in a directory that this user may write to.',
  OBS_STORE_CLOSED: 'Open the store before using it; a closed store answers nothing.',
  OBS_STORE_TIMEOUT: 'Narrow the query, for example to a time range, or give it more time with timeoutMs.',
  OBS_STORE_READ: 'Look at the cause; where memory ran out, narrow the query or raise the memory limit.',
  OBS_STORE_WRITE: 'Look at the cause: the disk may be full or read-only.',
  OBS_STORE_THREAD: 'Leave obs-kit out of the bundle, so that the module of its worker thread is found.',
  // delivery
  OBS_SEND_TIMEOUT:
    'The destination did not answer in time; raise delivery.timeoutMs if it is slow but healthy.',
  OBS_SEND_PAUSED:
    'Correct what the destination complains about: the key, the address or the certificate. Nothing else is needed.',
  OBS_SEND_CIRCUIT_OPEN:
    'Look at the destination: it is down, overloaded or not to be reached. Nothing else is needed once it answers.',
  OBS_DEAD_LETTERS:
    'Empty or move the file of dead letters, or choose a dataDir that this user may write to.',
  OBS_SPOOL:
    'Give the disk of dataDir room, or choose a dataDir that this user may write to. Nothing else is needed then.',
  OBS_SPOOL_CORRUPT: 'Check the disk; what is left of the records is in the directory named above.',
  OBS_DEADLINE:
    'More time is needed: raise deadlineMs, or look at diagnostics() for a destination that hangs.',
  // files and import
  OBS_FILE_PATH: 'Choose a path in a directory that this user may write to.',
  OBS_IMPORT_READ: 'Check that the file exists and may be read.',
  OBS_IMPORT_FORMAT: 'Check --from, and that the file is complete.',
  OBS_IMPORT_RECORD: 'The record was left out; the others were kept.',
  // command line
  OBS_CLI_USAGE: 'Run `obs --help`, or `obs <command> --help`.',
  OBS_TRACE_NOT_FOUND: 'List traces with `obs traces`; a prefix of the id is enough.',
  OBS_TRACE_AMBIGUOUS: 'Give more characters of the trace id.',
  OBS_NO_STORE: 'Add a store to obs.config.ts, for example: local: duckdb().',
} as const;

/** A code of {@link ERROR_HINTS}. */
export type ErrorCode = keyof typeof ERROR_HINTS;

/** What an {@link ObsError} can carry beside its message. */
export interface ObsErrorOptions {
  /** What lies beneath. */
  cause?: unknown;
  /** The next action; default: the hint of the code. */
  hint?: string;
  /** The function whose caller shall be the first frame of the stack. */
  from?: (...args: never[]) => unknown;
}

/**
 * An error of this package: `CODE: what happened, with values` and a `hint` that says what to do next.
 * Test `error.code`, never `instanceof`: two copies of the package may be loaded.
 */
export class ObsError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: ObsErrorOptions = {}) {
    super(`${code}: ${message}`, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'ObsError';
    this.code = code;
    this.hint = options.hint ?? ERROR_HINTS[code];
    if (options.from) Error.captureStackTrace(this, options.from);
  }
}

/** True for an error with one of our codes, from this or another copy of the package. */
export function isObsError(error: unknown): error is ObsError {
  const code = (error as { code?: unknown } | null)?.code;
  return error instanceof Error && typeof code === 'string' && code in ERROR_HINTS;
}

/** The message of anything that was thrown, in one bounded line. Never throws. */
export function messageOf(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
    return text.length > 500 ? `${text.slice(0, 500)}…` : text;
  } catch {
    return 'an unprintable value was thrown';
  }
}
