/** What one process found out about one subject: a number per measure, such as `{ 'ns/call': 31.2 }`. */
export type Measures = Record<string, number>;

/** Measures once, in a process that does nothing else. */
export type Subject = () => Promise<Measures>;

/** A benchmark: subjects that are compared with the first of them, the control. */
export interface BenchCase {
  /** What is measured, in one sentence. */
  title: string;
  /** Processes per subject; the medians over them are shown. Default 5. */
  rounds?: number;
  /** Shows by how much a subject is over the control beside how many times it is the control. */
  showsDifference?: boolean;
  subjects: Record<string, Subject>;
}
