/** Ten attributes such as a model call has: six texts, three numbers, a flag. */
export function tenAttributes(i: number) {
  return {
    'model.name': 'claude-sonnet-4-5-20250929',
    'model.provider': 'anthropic',
    'request.region': 'eu-central-1',
    'request.endpoint': '/v1/messages?beta=true',
    'tool.name': 'search_knowledge_base',
    'user.plan': 'enterprise-annual',
    'usage.input': 1_200 + i,
    'usage.output': 340,
    'cost.total': 0.00421,
    'cache.hit': false,
  };
}
