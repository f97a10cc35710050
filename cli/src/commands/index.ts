import type { CommandSpec, GroupSpec } from '../command.ts';
import { admin } from './admin.ts';
import { billing } from './billing.ts';
import { catalog } from './catalog.ts';
import { config } from './config.ts';
import { doctor } from './doctor.ts';
import { images } from './images.ts';
import { join } from './join.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { members } from './members.ts';
import { open } from './open.ts';
import { projects } from './projects.ts';
import { reconcile } from './reconcile.ts';
import { tail } from './tail.ts';
import { tokens } from './tokens.ts';
import { upload } from './upload.ts';
import { whoami } from './whoami.ts';

/** Every command, in the order of the help text. */
export const commands: readonly (CommandSpec | GroupSpec)[] = [
  login,
  logout,
  whoami,
  upload,
  images,
  tail,
  projects,
  open,
  catalog,
  billing,
  tokens,
  members,
  join,
  admin,
  reconcile,
  doctor,
  config,
];
