/** What the process ends with, so that scripts can tell what happened. */
export const EXIT = {
  ok: 0,
  /** It ran, and found or met a problem. */
  problem: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The config is invalid. */
  config: 3,
  /** Another process owns the store. */
  busy: 4,
  notFound: 5,
  /** Ended by SIGINT, as shells expect it: 128 and the number of the signal. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code that an error of ours asks for. */
export function exitCodeOf(code: string): ExitCode {
  if (code === 'OBS_STORE_BUSY') return EXIT.busy;
  if (code === 'OBS_TRACE_NOT_FOUND') return EXIT.notFound;
  if (code === 'OBS_TRACE_AMBIGUOUS' || code === 'OBS_CLI_USAGE' || code === 'OBS_STORE_QUERY')
    return EXIT.usage;
  return /^OBS_(CONFIG|PLUGIN)_|^OBS_STORE_STRATEGY$|^OBS_HOST_SEALED$/.test(code)
    ? EXIT.config
    : EXIT.problem;
}
