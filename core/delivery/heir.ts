/** Who takes over what a delivery has not settled when it is closed: the delivery of the entry that comes after its own. */
export interface Heir<E> {
  /** Accepts an event. */
  offer: (event: E) => void;
  /** It opens the same spool, so that what lies there is its own. */
  takesSpool: boolean;
}
