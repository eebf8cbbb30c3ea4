import { type HealthReport, ObsError } from '../../../core/index.ts';
import type { Access, Call, CallOptions } from '../access.ts';
import type { DatabaseOptions } from '../file/open.ts';
import { join } from './join.ts';
import { Requests } from './requests.ts';
import type { Way } from './way.ts';

/**
 * The way to a database for one thread: it owns the file, or goes through whoever does. When that owner ends, it joins
 * anew, as the owner or behind another one, and asks again for what was not answered: nothing is lost by that, since
 * every write may be repeated.
 */
export class Keeper implements Access {
  readonly #options: DatabaseOptions;
  readonly #requests = new Requests((count) => this.#way?.setBusy(count > 0));
  #way: Way | undefined;
  #joining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #isOpen = false;

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    if (this.#closing) await this.#closing;
    if (this.#isOpen) return this.#join();
    this.#isOpen = true;
    try {
      await this.#join();
    } catch (error) {
      this.#isOpen = false;
      throw error;
    }
  }

  async call(call: Call, options?: CallOptions): Promise<unknown> {
    if (!this.#isOpen) throw new ObsError('OBS_STORE_CLOSED', `${this.#options.path} is not open`);
    const answered = this.#requests.ask(call, options);
    // A failure to join fails all that waits, this call too.
    this.#join().catch(() => {});
    const result = await answered;
    const isReport = call.kind === 'care' && call.task === 'inspect';
    return isReport ? seenFromHere(result as HealthReport) : result;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined;
    });
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#isOpen = false;
    while (this.#joining || this.#requests.count > 0) {
      await this.#joining?.catch(() => {});
      await this.#requests.settled();
    }
    const way = this.#way;
    this.#way = undefined;
    this.#requests.disconnect();
    await way?.close();
  }

  #join(): Promise<void> {
    if (this.#way) return Promise.resolve();
    this.#joining ??= this.#elect();
    return this.#joining;
  }

  async #elect(): Promise<void> {
    try {
      const way = await join(this.#options, (reply) => this.#requests.take(reply));
      this.#way = way;
      way.setBusy(this.#requests.count > 0);
      this.#requests.connect(way.post);
      this.#joining = undefined;
      way.lost.then(() => this.#lose(way));
    } catch (error) {
      this.#joining = undefined;
      this.#requests.fail(() => error);
      throw error;
    }
  }

  #lose(way: Way): void {
    if (this.#way !== way) return;
    this.#way = undefined;
    this.#requests.disconnect();
    if (this.#isOpen || this.#requests.count > 0) this.#join().catch(() => {});
  }
}

/** Only here it is known from where the owner is seen. */
function seenFromHere(report: HealthReport): HealthReport {
  const isThisProcess = report.owner.pid === process.pid;
  return { ...report, owner: { ...report.owner, isThisProcess } };
}
