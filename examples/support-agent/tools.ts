import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolExecutionContext } from 'obs-kit';

/** A tool the model may call. It gets `logger` and `metrics` with every call and never has to ask whether they are on. */
export type Tool = (input: Record<string, unknown>, context: ToolExecutionContext) => Promise<unknown>;

const ORDERS: Record<string, { status: string; item: string; paid: number }> = {
  '1042': { status: 'delivered', item: 'desk lamp', paid: 49 },
};

/** The tools of the support agent, by name. */
export const tools: Record<string, Tool> = {
  async lookup_order({ orderId }, { logger }) {
    await sleep(12);
    const order = ORDERS[String(orderId)];
    logger.info('order looked up', { orderId, found: order !== undefined });
    if (!order) throw new Error(`there is no order ${orderId}`);
    return order;
  },

  async search_handbook({ query }, { tracing, logger }) {
    const retrieval = tracing.currentSpan?.createChildSpan({
      name: 'handbook index',
      type: 'retrieval',
      input: query,
      attributes: { store: 'handbook', topK: 3 },
    });
    await sleep(18);
    const passages = ['Broken on arrival: full refund within 30 days.', 'Refunds go to the card that paid.'];
    retrieval?.end({ output: passages, attributes: { resultCount: passages.length } });
    logger.info('handbook searched', { query, passages: passages.length });
    return passages;
  },

  async issue_voucher({ orderId }, { logger }) {
    await sleep(25);
    logger.error('voucher service did not answer', {
      orderId,
      authorization: 'Bearer demo-token-0123456789',
    });
    throw new Error('voucher service: connect ECONNREFUSED 192.0.2.7:443');
  },
};
