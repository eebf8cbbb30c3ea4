import { ObsError } from './errors.ts';
import type { Answer, Ask, QueryName } from './query/index.ts';

/** The read side of a store: one method for each query. A store overrides those that it can answer. */
export abstract class StoreQueries {
  getSpan(..._ask: Ask<'getSpan'>): Answer<'getSpan'> {
    return missing(this, 'getSpan');
  }
  getSpans(..._ask: Ask<'getSpans'>): Answer<'getSpans'> {
    return missing(this, 'getSpans');
  }
  getRootSpan(..._ask: Ask<'getRootSpan'>): Answer<'getRootSpan'> {
    return missing(this, 'getRootSpan');
  }
  getTrace(..._ask: Ask<'getTrace'>): Answer<'getTrace'> {
    return missing(this, 'getTrace');
  }
  getStructure(..._ask: Ask<'getStructure'>): Answer<'getStructure'> {
    return missing(this, 'getStructure');
  }
  getBranch(..._ask: Ask<'getBranch'>): Answer<'getBranch'> {
    return missing(this, 'getBranch');
  }
  listTraces(..._ask: Ask<'listTraces'>): Answer<'listTraces'> {
    return missing(this, 'listTraces');
  }
  listThreads(..._ask: Ask<'listThreads'>): Answer<'listThreads'> {
    return missing(this, 'listThreads');
  }
  batchDeleteTraces(..._ask: Ask<'batchDeleteTraces'>): Answer<'batchDeleteTraces'> {
    return missing(this, 'batchDeleteTraces');
  }
  listMetrics(..._ask: Ask<'listMetrics'>): Answer<'listMetrics'> {
    return missing(this, 'listMetrics');
  }
  listLogs(..._ask: Ask<'listLogs'>): Answer<'listLogs'> {
    return missing(this, 'listLogs');
  }
  listScores(..._ask: Ask<'listScores'>): Answer<'listScores'> {
    return missing(this, 'listScores');
  }
  listFeedback(..._ask: Ask<'listFeedback'>): Answer<'listFeedback'> {
    return missing(this, 'listFeedback');
  }
  getScoreById(..._ask: Ask<'getScoreById'>): Answer<'getScoreById'> {
    return missing(this, 'getScoreById');
  }
  getMetricAggregate(..._ask: Ask<'getMetricAggregate'>): Answer<'getMetricAggregate'> {
    return missing(this, 'getMetricAggregate');
  }
  getMetricBreakdown(..._ask: Ask<'getMetricBreakdown'>): Answer<'getMetricBreakdown'> {
    return missing(this, 'getMetricBreakdown');
  }
  getMetricTimeSeries(..._ask: Ask<'getMetricTimeSeries'>): Answer<'getMetricTimeSeries'> {
    return missing(this, 'getMetricTimeSeries');
  }
  getMetricPercentiles(..._ask: Ask<'getMetricPercentiles'>): Answer<'getMetricPercentiles'> {
    return missing(this, 'getMetricPercentiles');
  }
  getScoreAggregate(..._ask: Ask<'getScoreAggregate'>): Answer<'getScoreAggregate'> {
    return missing(this, 'getScoreAggregate');
  }
  getScoreBreakdown(..._ask: Ask<'getScoreBreakdown'>): Answer<'getScoreBreakdown'> {
    return missing(this, 'getScoreBreakdown');
  }
  getScoreTimeSeries(..._ask: Ask<'getScoreTimeSeries'>): Answer<'getScoreTimeSeries'> {
    return missing(this, 'getScoreTimeSeries');
  }
  getScorePercentiles(..._ask: Ask<'getScorePercentiles'>): Answer<'getScorePercentiles'> {
    return missing(this, 'getScorePercentiles');
  }
  getFeedbackAggregate(..._ask: Ask<'getFeedbackAggregate'>): Answer<'getFeedbackAggregate'> {
    return missing(this, 'getFeedbackAggregate');
  }
  getFeedbackBreakdown(..._ask: Ask<'getFeedbackBreakdown'>): Answer<'getFeedbackBreakdown'> {
    return missing(this, 'getFeedbackBreakdown');
  }
  getFeedbackTimeSeries(..._ask: Ask<'getFeedbackTimeSeries'>): Answer<'getFeedbackTimeSeries'> {
    return missing(this, 'getFeedbackTimeSeries');
  }
  getFeedbackPercentiles(..._ask: Ask<'getFeedbackPercentiles'>): Answer<'getFeedbackPercentiles'> {
    return missing(this, 'getFeedbackPercentiles');
  }
  getEntityTypes(..._ask: Ask<'getEntityTypes'>): Answer<'getEntityTypes'> {
    return missing(this, 'getEntityTypes');
  }
  getEntityNames(..._ask: Ask<'getEntityNames'>): Answer<'getEntityNames'> {
    return missing(this, 'getEntityNames');
  }
  getServiceNames(..._ask: Ask<'getServiceNames'>): Answer<'getServiceNames'> {
    return missing(this, 'getServiceNames');
  }
  getEnvironments(..._ask: Ask<'getEnvironments'>): Answer<'getEnvironments'> {
    return missing(this, 'getEnvironments');
  }
  getTags(..._ask: Ask<'getTags'>): Answer<'getTags'> {
    return missing(this, 'getTags');
  }
  getMetricNames(..._ask: Ask<'getMetricNames'>): Answer<'getMetricNames'> {
    return missing(this, 'getMetricNames');
  }
  getMetricLabelKeys(..._ask: Ask<'getMetricLabelKeys'>): Answer<'getMetricLabelKeys'> {
    return missing(this, 'getMetricLabelKeys');
  }
  getMetricLabelValues(..._ask: Ask<'getMetricLabelValues'>): Answer<'getMetricLabelValues'> {
    return missing(this, 'getMetricLabelValues');
  }
  getStats(..._ask: Ask<'getStats'>): Answer<'getStats'> {
    return missing(this, 'getStats');
  }
  getChanges(..._ask: Ask<'getChanges'>): Answer<'getChanges'> {
    return missing(this, 'getChanges');
  }
  runSql(..._ask: Ask<'runSql'>): Answer<'runSql'> {
    return missing(this, 'runSql');
  }
}

async function missing(store: object, query: QueryName): Promise<never> {
  throw new ObsError('OBS_STORE_METHOD_MISSING', `${store.constructor.name} does not implement ${query}()`);
}
