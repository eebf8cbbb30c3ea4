/**
 * Tells apart what a database holds at different times, without looking into it: what was found out in one state holds
 * for as long as there is no other.
 */
export class States {
  #number = 0;
  #isChanging = false;

  /** The state of a snapshot that is taken at this moment; undefined while it may be either of two. */
  get now(): number | undefined {
    return this.#isChanging ? undefined : this.#number;
  }

  /** To be called before a commit begins. */
  leave(): void {
    this.#isChanging = true;
  }

  /** To be called after a commit, whatever came of it. */
  enter(): void {
    this.#isChanging = false;
    this.#number++;
  }

  /** To be called when anybody may have written anything: what comes is not the next state, but another one. */
  restart(): void {
    this.#isChanging = false;
    this.#number += 2;
  }
}
