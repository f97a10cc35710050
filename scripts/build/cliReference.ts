import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderReference } from '../../cli/src/help/reference.ts';
import { root } from './paths.ts';

// Run with --conditions=stager-dev. A test of the CLI compares the page with what this writes.
writeFileSync(join(root, 'docs', 'cli.md'), renderReference());
