import { type HttpAnswer, PermanentError, type SendContext, statusOf } from '../../../core/index.ts';
import type { LangfuseClient } from '../client.ts';
import type { LangfuseScore } from '../map/score.ts';
import { type Refused, refusedOfArray, refusedOfIngestion } from './score-answers.ts';

/** The ways that a score can take, in the order in which they are tried. */
export const SCORE_ROUTES = ['array', 'ingestion', 'single'] as const;
export type ScoreRoute = (typeof SCORE_ROUTES)[number];

/** A score and when it was made; the time stays the same however often it is sent. */
export interface TimedScore {
  score: LangfuseScore;
  timestamp: string;
}

type Context = Pick<SendContext, 'batchId' | 'abortSignal'>;
type Route = (scores: readonly TimedScore[], context: Context) => Promise<Refused[]>;

const SCORES_PATH = '/api/public/scores';
const INGESTION_PATH = '/api/public/ingestion';

/** The server does not know this way. */
const UNKNOWN_ROUTE = new Set([404, 405, 410, 501]);
/** Batches whose progress is remembered: there is one under way for scores and one for feedback. */
const MAX_PROGRESS = 8;

/**
 * Sends scores the way that the server takes. Newer servers take an array of scores; those before take a batch on the
 * ingestion API, which may be gone; all take a single score, at a low rate. What worked is tried first the next time.
 */
export class ScoreRoutes {
  readonly #client: LangfuseClient;
  readonly #isFixed: boolean;
  #known: ScoreRoute | undefined;
  readonly #routes: Record<ScoreRoute, Route>;
  /** How far the single scores of a batch have come, so that a repeat goes on from there. */
  readonly #progress = new Map<string, { done: number; refused: Refused[] }>();

  constructor(client: LangfuseClient, fixed?: ScoreRoute) {
    this.#client = client;
    this.#isFixed = fixed !== undefined;
    this.#known = fixed;
    this.#routes = {
      array: (scores, context) => this.#sendArray(scores, context),
      ingestion: (scores, context) => this.#sendIngestion(scores, context),
      single: (scores, context) => this.#sendSingly(scores, context),
    };
  }

  /** Resolves with the scores that were refused. @throws what a failed send means, see {@link LangfuseClient}. */
  async send(scores: readonly TimedScore[], context: Context): Promise<Refused[]> {
    let failure: unknown;
    for (const route of this.#order()) {
      try {
        const refused = await this.#routes[route](scores, context);
        // A refusal may be about the way as well as about the score.
        if (refused.length < scores.length) this.#known = route;
        return refused;
      } catch (error) {
        if (!this.#leadsNowhere(route, error)) throw error;
        failure = error;
      }
    }
    this.#forget();
    throw failure;
  }

  #order(): readonly ScoreRoute[] {
    const known = this.#known;
    if (known === undefined) return SCORE_ROUTES;
    return this.#isFixed ? [known] : [known, ...SCORE_ROUTES.filter((route) => route !== known)];
  }

  /** Servers that know no array of scores answer 400 to it, as to a wrong score. */
  #leadsNowhere(route: ScoreRoute, error: unknown): boolean {
    const status = statusOf(error);
    if (status === undefined) return false;
    return UNKNOWN_ROUTE.has(status) || (route === 'array' && status === 400 && this.#known !== 'array');
  }

  #forget(): void {
    if (!this.#isFixed) this.#known = undefined;
  }

  async #sendArray(scores: readonly TimedScore[], { abortSignal }: Context): Promise<Refused[]> {
    const body = scores.map(({ score }) => score);
    return refusedOfArray(await this.#post(SCORES_PATH, body, abortSignal), scores.length);
  }

  async #sendIngestion(scores: readonly TimedScore[], { abortSignal }: Context): Promise<Refused[]> {
    const batch = scores.map(({ score, timestamp }) => ({
      id: score.id,
      type: 'score-create',
      timestamp,
      body: score,
    }));
    const answer = await this.#post(INGESTION_PATH, { batch }, abortSignal);
    return refusedOfIngestion(
      answer,
      batch.map(({ id }) => id),
    );
  }

  async #sendSingly(scores: readonly TimedScore[], { batchId, abortSignal }: Context): Promise<Refused[]> {
    const progress = this.#progressOf(batchId);
    while (progress.done < scores.length) {
      const index = progress.done;
      const reason = await this.#sendOne(scores[index]!.score, abortSignal);
      if (reason !== undefined) progress.refused.push({ index, reason });
      progress.done++;
    }
    this.#progress.delete(batchId);
    return progress.refused;
  }

  /** Why the score was refused; undefined when it was taken. */
  async #sendOne(score: LangfuseScore, abortSignal: AbortSignal): Promise<string | undefined> {
    try {
      await this.#post(SCORES_PATH, score, abortSignal);
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      return error.message;
    }
  }

  #progressOf(batchId: string): { done: number; refused: Refused[] } {
    const known = this.#progress.get(batchId);
    if (known) return known;
    const progress = { done: 0, refused: [] };
    this.#progress.set(batchId, progress);
    if (this.#progress.size > MAX_PROGRESS) this.#progress.delete(this.#progress.keys().next().value!);
    return progress;
  }

  #post(path: string, body: unknown, abortSignal: AbortSignal): Promise<HttpAnswer> {
    return this.#client.sendJson(path, body, abortSignal);
  }
}
