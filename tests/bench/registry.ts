import { auth } from './auth.ts';
import type { Bench } from './result.ts';
import { stack } from './stack.ts';
import { start } from './start.ts';
import { upload } from './upload.ts';

export const BENCHES: readonly Bench[] = [auth, stack, start, upload];
