import { EXIT, type ExitCode } from './exit-codes.ts';

/**
 * Runs work that has no end of its own until SIGINT or SIGTERM. Gives 0 for SIGTERM and 130 for SIGINT, as shells
 * expect it; a second signal ends the process at once. The work is to reject when its signal says so.
 */
export async function stopOnInterrupt(work: (signal: AbortSignal) => Promise<void>): Promise<ExitCode> {
  const controller = new AbortController();
  let exitCode: ExitCode = EXIT.ok;
  const stopBy = (code: ExitCode) => () => {
    forget();
    exitCode = code;
    controller.abort();
  };
  const [onInterrupt, onTerminate] = [stopBy(EXIT.interrupted), stopBy(EXIT.ok)];
  const forget = () => {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
  };
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onTerminate);
  try {
    await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    forget();
  }
  return exitCode;
}
