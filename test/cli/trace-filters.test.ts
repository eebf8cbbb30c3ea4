import { expect } from 'chai';
import { Command, CommanderError } from 'commander';
import { combine } from '../../cli/filters.ts';
import { traceFilterOptions, traceFiltersOf } from '../../cli/trace-filters.ts';
import { querySchema } from '../../core/index.ts';

function filtersOf(...args: string[]) {
  const command = new Command().exitOverride().configureOutput({ outputError() {} });
  for (const option of traceFilterOptions()) command.addOption(option);
  return traceFiltersOf(command.parse(args, { from: 'user' }).opts());
}

describe('the filters of obs traces', () => {
  it('name every field that a trace can be listed by, as a store accepts it', () => {
    const fields = {
      type: 'type',
      name: 'name',
      'entity-type': 'entityType',
      'entity-name': 'entityName',
      'entity-id': 'entityId',
      user: 'userId',
      organization: 'organizationId',
      resource: 'resourceId',
      run: 'runId',
      session: 'sessionId',
      thread: 'threadId',
      request: 'requestId',
      environment: 'environment',
      service: 'serviceName',
      source: 'source',
    };
    const args = Object.entries(fields).flatMap(([option, field]) => [`--${option}`, `a ${field}`]);
    const filters = combine(filtersOf(...args, '--status', 'running', '--child-errors'));
    const expected = Object.fromEntries(Object.values(fields).map((field) => [field, `a ${field}`]));
    expect(filters).to.deep.equal({ ...expected, status: 'running', hasChildError: true });
    expect(querySchema('listTraces').safeParse({ filters }).success).to.equal(true);
  });

  it('take times as ages and as dates, both ends at once', () => {
    const { startedAt } = combine(filtersOf('--since', '2h', '--until', '2026-01-31'));
    expect(startedAt).to.deep.include({ end: new Date('2026-01-31'), endExclusive: true });
    expect(Date.now() - startedAt!.start!.getTime()).to.be.closeTo(2 * 3_600_000, 10_000);
  });

  it('collect tags and metadata, whose values are numbers and booleans unless quoted', () => {
    const given = ['n=1', 'b=true', 'text=plain', 'quoted="1"', 'eq=a=b', 'list=[1]'];
    const filters = filtersOf('--tag', 'a', '--tag', 'b', ...given.flatMap((entry) => ['--metadata', entry]));
    expect(combine(filters)).to.deep.equal({
      tags: ['a', 'b'],
      metadata: { n: 1, b: true, text: 'plain', quoted: '1', eq: 'a=b', list: '[1]' },
    });
    expect(filters.map(({ flag }) => flag))
      .to.include('--tag b')
      .and.include('--metadata eq=a=b');
  });

  it('refuse what contradicts itself or is no time', () => {
    for (const args of [
      ['--errors', '--status', 'ok'],
      ['--since', '5'],
      ['--since', '5y'],
      ['--metadata', '=x'],
    ]) {
      expect(() => filtersOf(...args), args.join(' ')).to.throw(CommanderError);
    }
  });
});
