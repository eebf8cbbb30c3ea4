import { setTimeout as sleep } from 'node:timers/promises';
import { createExecuteFunctionParams, type ExecuteFunctionParams, type Observability } from 'obs-kit';

interface Refund {
  orderId: string;
  amount: number;
}

type Step = (params: ExecuteFunctionParams<Refund>) => Promise<unknown>;

const steps: Record<string, Step> = {
  async validate({ inputData, logger }) {
    await sleep(6);
    logger.info('refund validated', inputData);
    return { ok: true };
  },
  async approve({ inputData, metrics }) {
    await sleep(9);
    metrics.histogram('refund.amount', { unit: '{USD}' }).record(inputData.amount);
    return { approvedBy: 'policy' };
  },
  async pay({ inputData, logger }) {
    await sleep(30);
    logger.info('refund paid', { orderId: inputData.orderId });
    return { reference: `RF-${inputData.orderId}` };
  },
};

/** A workflow of three steps, each a span with a context of its own. */
export function refundWorkflow(obs: Observability, inputData: Refund): Promise<Record<string, unknown>> {
  return obs.trace(
    'refund',
    { type: 'workflow_run', input: inputData, entityType: 'workflow_run' },
    async () => {
      const results: Record<string, unknown> = {};
      for (const [stepId, step] of Object.entries(steps)) {
        results[stepId] = await obs.trace(stepId, { type: 'workflow_step', attributes: { stepId } }, (span) =>
          step(createExecuteFunctionParams(obs, { inputData, stepId }, span)),
        );
      }
      return results;
    },
  );
}
