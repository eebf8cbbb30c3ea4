import type { ResolvedConfig } from '../config/resolved.ts';
import type { DiagnosticsBook } from '../diagnostics/diagnostics-book.ts';
import { createHooks, type TapWatch } from './hooks.ts';
import { createLabelCap } from './label-cap.ts';
import { Phases, type PhasesParts } from './phases.ts';
import { createRedactor } from './redact.ts';
import type { Table } from './slot.ts';

type CapLabels = NonNullable<PhasesParts['capLabels']>;

/** Makes the tables of a host, one after another, without any taps; what goes wrong on them is noted in one book. */
export function tableMaker(book: DiagnosticsBook): (config: ResolvedConfig) => Table {
  const watch = watchFor(book);
  const capFor = labelCaps(book);
  return (config) => {
    const phases = new Phases({
      redact: config.redact.enabled ? createRedactor(config.redact.keys) : undefined,
      captureContent: config.capture.content,
      capLabels: capFor(config.signals.metrics.maxSeries),
      onDrop: (signal, reason) => book.dropped(signal, reason),
      onFailure: (key, phase, error) => book.tapFailed(key, phase, error),
    });
    return { hooks: createHooks(watch), phases };
  };
}

function watchFor(book: DiagnosticsBook): TapWatch {
  return {
    failed: (tap, hook, error) =>
      hook === 'start' ? book.startFailed(tap, error) : book.tapFailed(tap, hook, error),
    blocked: (tap, hook, ms) =>
      book.warnOnce(
        `${tap} blocked`,
        `plugin "${tap}" held up the event loop for ${Math.round(ms)} ms in its ${hook} tap`,
      ),
  };
}

/** One cap for all tables with the same limit: the series that are known stay known. */
function labelCaps(book: DiagnosticsBook): (maxSeries: number) => CapLabels {
  let last: { maxSeries: number; cap: CapLabels } | undefined;
  return (maxSeries) => {
    if (!last || last.maxSeries !== maxSeries) {
      const onOverflow = (metric: string) => {
        book.overflowed();
        book.warnOnce(
          `overflow ${metric}`,
          `metric "${metric}" has more than ${maxSeries} label sets; the rest is one overflow series`,
        );
      };
      last = { maxSeries, cap: createLabelCap(maxSeries, onOverflow) };
    }
    return last.cap;
  };
}
