import { z } from 'zod';

/** What the migration runner reads from its environment, when it is run as a command. */
export const migrateConfig = z.object({
  STAGER_OWNER_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('Connection as stager_owner, to whom all tables belong; neither the API nor a worker has it'),
  STAGER_MIGRATIONS_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of the steps. Default: that of the repository'),
});
