import { ObsError } from '../errors.ts';
import type { Answer, Ask, QueryName, QueryOptions, QueryResults } from '../query/index.ts';

/**
 * The read side of a store: one method for each query. A store overrides those that it can answer, or `query` where it
 * answers all of them in one way.
 */
export abstract class StoreQueries {
  /** Answers a query whose own method is not overridden. The arguments are as the caller wrote them. */
  protected async query<Q extends QueryName>(
    query: Q,
    _args: unknown,
    _options?: QueryOptions,
  ): Promise<QueryResults[Q]> {
    throw new ObsError('OBS_STORE_METHOD_MISSING', `${this.constructor.name} does not implement ${query}()`);
  }

  getSpan(...[args, options]: Ask<'getSpan'>): Answer<'getSpan'> {
    return this.query('getSpan', args, options);
  }
  getSpans(...[args, options]: Ask<'getSpans'>): Answer<'getSpans'> {
    return this.query('getSpans', args, options);
  }
  getRootSpan(...[args, options]: Ask<'getRootSpan'>): Answer<'getRootSpan'> {
    return this.query('getRootSpan', args, options);
  }
  getTrace(...[args, options]: Ask<'getTrace'>): Answer<'getTrace'> {
    return this.query('getTrace', args, options);
  }
  getStructure(...[args, options]: Ask<'getStructure'>): Answer<'getStructure'> {
    return this.query('getStructure', args, options);
  }
  getBranch(...[args, options]: Ask<'getBranch'>): Answer<'getBranch'> {
    return this.query('getBranch', args, options);
  }
  listTraces(...[args, options]: Ask<'listTraces'>): Answer<'listTraces'> {
    return this.query('listTraces', args, options);
  }
  listThreads(...[args, options]: Ask<'listThreads'>): Answer<'listThreads'> {
    return this.query('listThreads', args, options);
  }
  batchDeleteTraces(...[args, options]: Ask<'batchDeleteTraces'>): Answer<'batchDeleteTraces'> {
    return this.query('batchDeleteTraces', args, options);
  }
  listMetrics(...[args, options]: Ask<'listMetrics'>): Answer<'listMetrics'> {
    return this.query('listMetrics', args, options);
  }
  listLogs(...[args, options]: Ask<'listLogs'>): Answer<'listLogs'> {
    return this.query('listLogs', args, options);
  }
  listScores(...[args, options]: Ask<'listScores'>): Answer<'listScores'> {
    return this.query('listScores', args, options);
  }
  listFeedback(...[args, options]: Ask<'listFeedback'>): Answer<'listFeedback'> {
    return this.query('listFeedback', args, options);
  }
  getScoreById(...[args, options]: Ask<'getScoreById'>): Answer<'getScoreById'> {
    return this.query('getScoreById', args, options);
  }
  getMetricAggregate(...[args, options]: Ask<'getMetricAggregate'>): Answer<'getMetricAggregate'> {
    return this.query('getMetricAggregate', args, options);
  }
  getMetricBreakdown(...[args, options]: Ask<'getMetricBreakdown'>): Answer<'getMetricBreakdown'> {
    return this.query('getMetricBreakdown', args, options);
  }
  getMetricTimeSeries(...[args, options]: Ask<'getMetricTimeSeries'>): Answer<'getMetricTimeSeries'> {
    return this.query('getMetricTimeSeries', args, options);
  }
  getMetricPercentiles(...[args, options]: Ask<'getMetricPercentiles'>): Answer<'getMetricPercentiles'> {
    return this.query('getMetricPercentiles', args, options);
  }
  getScoreAggregate(...[args, options]: Ask<'getScoreAggregate'>): Answer<'getScoreAggregate'> {
    return this.query('getScoreAggregate', args, options);
  }
  getScoreBreakdown(...[args, options]: Ask<'getScoreBreakdown'>): Answer<'getScoreBreakdown'> {
    return this.query('getScoreBreakdown', args, options);
  }
  getScoreTimeSeries(...[args, options]: Ask<'getScoreTimeSeries'>): Answer<'getScoreTimeSeries'> {
    return this.query('getScoreTimeSeries', args, options);
  }
  getScorePercentiles(...[args, options]: Ask<'getScorePercentiles'>): Answer<'getScorePercentiles'> {
    return this.query('getScorePercentiles', args, options);
  }
  getFeedbackAggregate(...[args, options]: Ask<'getFeedbackAggregate'>): Answer<'getFeedbackAggregate'> {
    return this.query('getFeedbackAggregate', args, options);
  }
  getFeedbackBreakdown(...[args, options]: Ask<'getFeedbackBreakdown'>): Answer<'getFeedbackBreakdown'> {
    return this.query('getFeedbackBreakdown', args, options);
  }
  getFeedbackTimeSeries(...[args, options]: Ask<'getFeedbackTimeSeries'>): Answer<'getFeedbackTimeSeries'> {
    return this.query('getFeedbackTimeSeries', args, options);
  }
  getFeedbackPercentiles(
    ...[args, options]: Ask<'getFeedbackPercentiles'>
  ): Answer<'getFeedbackPercentiles'> {
    return this.query('getFeedbackPercentiles', args, options);
  }
  getEntityTypes(...[args, options]: Ask<'getEntityTypes'>): Answer<'getEntityTypes'> {
    return this.query('getEntityTypes', args, options);
  }
  getEntityNames(...[args, options]: Ask<'getEntityNames'>): Answer<'getEntityNames'> {
    return this.query('getEntityNames', args, options);
  }
  getServiceNames(...[args, options]: Ask<'getServiceNames'>): Answer<'getServiceNames'> {
    return this.query('getServiceNames', args, options);
  }
  getEnvironments(...[args, options]: Ask<'getEnvironments'>): Answer<'getEnvironments'> {
    return this.query('getEnvironments', args, options);
  }
  getTags(...[args, options]: Ask<'getTags'>): Answer<'getTags'> {
    return this.query('getTags', args, options);
  }
  getMetricNames(...[args, options]: Ask<'getMetricNames'>): Answer<'getMetricNames'> {
    return this.query('getMetricNames', args, options);
  }
  getMetricLabelKeys(...[args, options]: Ask<'getMetricLabelKeys'>): Answer<'getMetricLabelKeys'> {
    return this.query('getMetricLabelKeys', args, options);
  }
  getMetricLabelValues(...[args, options]: Ask<'getMetricLabelValues'>): Answer<'getMetricLabelValues'> {
    return this.query('getMetricLabelValues', args, options);
  }
  getStats(...[args, options]: Ask<'getStats'>): Answer<'getStats'> {
    return this.query('getStats', args, options);
  }
  getChanges(...[args, options]: Ask<'getChanges'>): Answer<'getChanges'> {
    return this.query('getChanges', args, options);
  }
  runSql(...[args, options]: Ask<'runSql'>): Answer<'runSql'> {
    return this.query('runSql', args, options);
  }
}
