import { count } from './amounts.ts';

/** Shows how far long work has come. */
export interface Progress {
  /** Says that `done` of `total` is done; without a total only how much. */
  at(done: number, total?: number): void;
  /** Takes the bar away: what follows starts on a clean line. */
  end(): void;
}

/** Work that is done sooner shows nothing. */
const SHOW_AFTER_MS = 400;
const REDRAW_MS = 100;
const BAR_COLUMNS = 24;

/** A progress bar on stderr; silent where stderr is no terminal. */
export function createProgress(what: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  const startedAt = Date.now();
  let drawnAt = 0;
  return {
    at(done, total) {
      const now = Date.now();
      if (!stream.isTTY || now - startedAt < SHOW_AFTER_MS || now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      stream.write(`\r\u001b[K${progressLine(what, done, total)}`);
    },
    end() {
      if (drawnAt > 0) stream.write('\r\u001b[K');
      drawnAt = 0;
    },
  };
}

/** `exporting  ██████░░░░░░  52 %  1,040 of 2,000`. */
export function progressLine(what: string, done: number, total?: number): string {
  if (total === undefined || total <= 0) return `${what}  ${count(done)}`;
  const share = Math.min(1, done / total);
  const full = Math.round(share * BAR_COLUMNS);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_COLUMNS - full);
  return `${what}  ${bar}  ${Math.floor(share * 100)} %  ${count(done)} of ${count(total)}`;
}
