import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { duckdb } from '../../../plugins/duckdb/index.ts';
import { describeCases } from '../../kit/describe-cases.ts';
import { storeCases } from '../../kit/index.ts';

const fileIn = (directory: string) => join(directory, 'obs.duckdb');

describeCases(
  'duckdb',
  storeCases({
    use: () => duckdb({ path: ':memory:', thread: 'main' }),
    reopen: (directory) => duckdb({ path: fileIn(directory), thread: 'main' }),
    async makeNewer(directory) {
      const instance = await DuckDBInstance.create(fileIn(directory));
      const connection = await instance.connect();
      await connection.run("UPDATE obs_meta SET value = '9999' WHERE key = 'schema_version'");
      connection.closeSync();
      instance.closeSync();
    },
  }),
);
