// Written by `npm run generate` from the files of this folder.
import * as account from './account.ts';
import * as admin from './admin.ts';
import * as billing from './billing.ts';
import * as deletions from './deletions.ts';
import * as events from './events.ts';
import * as images from './images.ts';
import * as invitations from './invitations.ts';
import * as jobs from './jobs.ts';
import * as members from './members.ts';
import * as payments from './payments.ts';
import * as projects from './projects.ts';
import * as reconcile from './reconcile.ts';
import * as stats from './stats.ts';
import * as stripeEvents from './stripeEvents.ts';
import * as tokens from './tokens.ts';
import * as uploads from './uploads.ts';

export const routes = {
  ...account,
  ...admin,
  ...billing,
  ...deletions,
  ...events,
  ...images,
  ...invitations,
  ...jobs,
  ...members,
  ...payments,
  ...projects,
  ...reconcile,
  ...stats,
  ...stripeEvents,
  ...tokens,
  ...uploads,
} as const;
