import type { OptionSpec } from '../command.ts';

/** Of commands that show before and after. */
export const NO_PICTURES: OptionSpec = {
  flags: '--no-pictures',
  about: 'words only; for good: stager config set pictures off',
};
