import { type Diagnostics, SIGNALS } from 'obs-kit';

/** Prints what was emitted and what each plugin made of it. */
export function printDeliveries({ emitted, plugins }: Diagnostics, say: (line: string) => void): void {
  say('');
  say(row('events', SIGNALS));
  say(
    row(
      'emitted',
      SIGNALS.map((signal) => String(emitted[signal].count)),
    ),
  );
  for (const [key, { signals, state }] of Object.entries(plugins)) {
    const delivered = SIGNALS.map((signal) => String(signals[signal]?.delivered ?? '-'));
    say(row(`${key} (${state})`, delivered));
  }
  say('');
}

function row(title: string, cells: readonly string[]): string {
  return title.padEnd(20) + cells.map((cell) => cell.padStart(10)).join('');
}
