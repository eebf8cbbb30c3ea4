import type { ObservabilityEvent } from '../../../core/index.ts';
import { braintrust } from '../../../plugins/braintrust/index.ts';
import { describeCases } from '../../kit/describe-cases.ts';
import { exporterCases, httpDestination } from '../../kit/index.ts';
import { confirm, idsOf } from './received.ts';

/** Judgements go to the row of their span. */
function idOf(event: ObservabilityEvent): string {
  return 'exportedSpan' in event ? event.exportedSpan.id : event.spanId!;
}

const notByRow = 'judgements go to rows in several requests, of which only one says which rows it took';

describeCases(
  'braintrust',
  exporterCases({
    use: ({ address }) => braintrust({ apiUrl: address, apiKey: 'a key of tests' }),
    destination: httpDestination({ idsOf, accept: confirm(), partial: confirm }),
    signals: ['tracing', 'scores', 'feedback'],
    idOf,
    skip: { 'decision.partial.scores': notByRow, 'decision.partial.feedback': notByRow },
  }),
);
