import { expect } from 'chai';
import { resolveConfig } from '../../../core/index.ts';
import { BraintrustExporter, braintrust } from '../../../plugins/braintrust/index.ts';
import { braintrustOptions, projectChoice } from '../../../plugins/braintrust/options.ts';

const NAMES = ['API_KEY', 'API_URL', 'ORG_NAME', 'DEFAULT_PROJECT_ID', 'DEFAULT_PROJECT_NAME'].map(
  (name) => `BRAINTRUST_${name}`,
);

describe('the options of braintrust', () => {
  let before: NodeJS.ProcessEnv;
  beforeEach(() => {
    before = { ...process.env };
    for (const name of NAMES) delete process.env[name];
  });
  afterEach(() => {
    for (const name of NAMES) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  const parse = (options: object) => braintrustOptions.parse({ apiKey: 'k', ...options });

  it('need nothing but a key, and the project is then named after the service', () => {
    const options = parse({});
    expect(options).to.deep.include({ apiUrl: 'https://api.braintrust.dev', probe: true, scoreRanges: {} });
    expect(projectChoice(options, 'bot')).to.deep.equal({ name: 'bot' });
  });

  it('are taken from variables where they are absent', () => {
    process.env['BRAINTRUST_API_KEY'] = 'from variable';
    process.env['BRAINTRUST_API_URL'] = 'https://api-eu.braintrust.dev';
    process.env['BRAINTRUST_ORG_NAME'] = 'acme';
    process.env['BRAINTRUST_DEFAULT_PROJECT_NAME'] = 'support';
    const options = braintrustOptions.parse({});
    expect(options).to.deep.include({ apiKey: 'from variable', apiUrl: 'https://api-eu.braintrust.dev' });
    expect(projectChoice(options, 'bot')).to.deep.equal({ name: 'support', orgName: 'acme' });
    process.env['BRAINTRUST_DEFAULT_PROJECT_ID'] = 'p-1';
    expect(projectChoice(options, 'bot')).to.deep.equal({ id: 'p-1' });
  });

  it('go before variables, an id before a name', () => {
    process.env['BRAINTRUST_API_KEY'] = 'from variable';
    process.env['BRAINTRUST_DEFAULT_PROJECT_ID'] = 'p-1';
    expect(parse({}).apiKey).to.equal('k');
    expect(projectChoice(parse({ projectName: 'mine', orgName: 'o' }), 'bot')).to.deep.equal({
      name: 'mine',
      orgName: 'o',
    });
    expect(projectChoice(parse({ projectName: 'mine', projectId: 'p-2' }), 'bot')).to.deep.equal({
      id: 'p-2',
    });
  });

  it('say what is missing, and where it may be put', async () => {
    const plugins = { cloud: braintrust({ scoreRanges: { rating: { min: 1, max: 1 } } }) };
    const { problems } = await resolveConfig({ config: { plugins } });
    const messages = problems.map(({ message }) => message).join('\n');
    expect(messages).to.include('an API key, here or in the variable BRAINTRUST_API_KEY');
    expect(messages).to.include('min and max are the same');
  });

  for (const [what, options] of Object.entries({
    'an address that is none': { apiUrl: 'braintrust.dev' },
    'an address of another protocol': { apiUrl: 'ftp://braintrust.dev' },
    'requests of no size': { maxRequestBytes: 10 },
    'an option that nothing reads': { projectname: 'x' },
    'an empty key': { apiKey: '' },
  })) {
    it(`refuse ${what}, also by hand`, () => {
      expect(() => new BraintrustExporter({ apiKey: 'k', ...options }))
        .to.throw(`BraintrustExporter: ${'projectname' in options ? 'options' : Object.keys(options)[0]}`)
        .with.property('code', 'OBS_PLUGIN_OPTIONS');
    });
  }

  it('each say what they are', () => {
    for (const [name, schema] of Object.entries(braintrustOptions.unwrap().shape))
      expect(schema.description, name).to.be.a('string').with.lengthOf.above(20);
  });
});
