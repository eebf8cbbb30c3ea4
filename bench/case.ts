/** What one process found out about one subject: a number per measure, such as `{ 'ns/call': 31.2 }`. */
export type Measures = Record<string, number>;

/** Measures once, in a process that does nothing else. */
export type Subject = () => Promise<Measures>;

/** A benchmark: subjects that are compared with the first of them, the control. */
export interface BenchCase {
  /** What is measured, in one sentence. */
  title: string;
  /** Processes per subject; the medians over them are shown. Default 7. */
  rounds?: number;
  /** How subjects are compared: by how many times, or also by how much, they are the control; or not. Default `ratio`. */
  compared?: 'ratio' | 'difference' | 'not';
  subjects: Record<string, Subject>;
}
