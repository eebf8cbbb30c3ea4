import { memory } from '../../../plugins/memory/index.ts';
import { describeCases } from '../../kit/describe-cases.ts';
import { storeCases } from '../../kit/index.ts';

describeCases('memory', storeCases({ use: () => memory() }));
