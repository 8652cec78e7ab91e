import type { Progress } from '../../../compose/native/progress';
import type { Crew } from '../crew';

/** The options of the command line. */
export interface AskedWriting {
  /** The length of one window. */
  readonly seconds: number;
  readonly turns: number;
  /** Videos over which likes are spread evenly. */
  readonly videos: number;
  /** Likes a second of the dispatcher's log, by the log's clock. */
  readonly logRate: number;
}

/** What each row needs to be measured. */
export interface Measuring {
  readonly crew: Crew;
  readonly asked: AskedWriting;
  readonly progress: Progress;
}
