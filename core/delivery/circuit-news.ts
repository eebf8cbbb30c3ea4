import { type ErrorCode, messageOf } from '../errors.ts';
import type { Signal } from '../signals/index.ts';
import { failureKind } from './outcome.ts';

/** A line that is worth saying, and what it is about. */
interface News {
  topic: string;
  text: string;
}

/** Makes one line when the first circuit of a plugin opens, which may stay so for days, and one when all have closed. */
export class CircuitNews {
  /** By plugin: the signals whose circuit is open, and what was said of it. */
  readonly #open = new Map<string, Map<Signal | undefined, ErrorCode>>();

  opened(key: string, signal: Signal | undefined, error: unknown): News | undefined {
    const isShut = failureKind(error) === 'destination';
    const code = isShut ? 'OBS_SEND_PAUSED' : 'OBS_SEND_CIRCUIT_OPEN';
    const what = isShut
      ? 'sends nothing until its destination is mended, its events wait'
      : 'fails to send, so it only tries from time to time and its events wait';
    const open = this.#open.get(key) ?? new Map<Signal | undefined, ErrorCode>();
    const isKnown = [...open.values()].includes(code);
    this.#open.set(key, open.set(signal, code));
    if (isKnown) return undefined;
    return { topic: `${key} ${code}`, text: `plugin "${key}" ${what}; ${code}: ${messageOf(error)}` };
  }

  /** The plugin delivered events of the signal. */
  closed(key: string, signal: Signal): News | undefined {
    const open = this.#open.get(key);
    if (!open?.delete(signal) || open.size > 0) return undefined;
    return { topic: `${key} healed`, text: `plugin "${key}" delivers again` };
  }
}
