import type { ObservabilityEvent } from '../../../core/index.ts';
import { braintrust } from '../../../plugins/braintrust/index.ts';
import { describeCases } from '../../kit/describe-cases.ts';
import { type Answer, exporterCases, httpDestination, ok, type ReceivedRequest } from '../../kit/index.ts';

/** The ids of the rows that a request is about. */
function idsOf({ body }: ReceivedRequest): string[] {
  const { events, feedback } = body.length > 0 ? JSON.parse(body.toString()) : {};
  return ((events ?? feedback ?? []) as { id: string }[]).map(({ id }) => id);
}

/** The answer to any operation; an insert confirms its rows but one, if that is to be refused. */
const confirm =
  (refused?: string): Answer =>
  (request, response) => {
    const row_ids = idsOf(request).filter((id) => id !== refused);
    ok({ body: JSON.stringify({ id: 'project', status: 'success', row_ids }) })(request, response);
  };

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
