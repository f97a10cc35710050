// Written by `npm run generate` from docs/openapi.json.

import type {
  Account,
  AccountPage,
  AccountUsage,
  AuditPage,
  AuthConfig,
  BillingChange,
  BillingStatus,
  Catalog,
  CheckoutInput,
  CheckoutLink,
  Client,
  ClientInput,
  ClientPage,
  CreateImages,
  CreateUploads,
  CreatedImagesBatch,
  CreatedInvitation,
  CreatedToken,
  DeadLetterPage,
  Deletion,
  DeletionInput,
  DeletionPage,
  Downloads,
  FinalizeUploads,
  FinalizedUploads,
  GetBillingUsageQuery,
  Health,
  Image,
  ImagePage,
  InvitationAcceptance,
  InvitationInput,
  InvitationPage,
  InvoicePage,
  Job,
  JobChange,
  JobPage,
  ListAccountDeletionsQuery,
  ListAccountsQuery,
  ListAuditQuery,
  ListClientsQuery,
  ListDeadLettersQuery,
  ListImagesQuery,
  ListInvitationsQuery,
  ListInvoicesQuery,
  ListJobsQuery,
  ListMembersQuery,
  ListProjectsQuery,
  ListReconcileFindingsQuery,
  ListReconcileRunsQuery,
  ListStripeEventsQuery,
  ListTokensQuery,
  Me,
  Member,
  MemberChange,
  MemberPage,
  Membership,
  PaymentsState,
  PlanList,
  PortalSession,
  Project,
  ProjectInput,
  ProjectPage,
  ReconcileApply,
  ReconcileEvent,
  ReconcileFindingPage,
  ReconcileInput,
  ReconcileRun,
  ReconcileRunPage,
  ReplayInput,
  ReplayedBatch,
  Stats,
  StreamEvent,
  StreamEventsQuery,
  StripeEventPage,
  StripeEventRecord,
  Suspension,
  TokenInput,
  TokenPage,
  UploadTickets,
  UsagePage,
} from './types.ts';

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `{name}` placeholders. */
  readonly path: string;
  readonly query: readonly string[];
  readonly body: boolean;
  /** What a repeated `Idempotency-Key` gets; null where none is taken. */
  readonly idempotent: string | null;
  /** Scope that the token needs; null where no token is. */
  readonly scope: string | null;
  /** Least role of the caller in its account; null where no membership is asked for. */
  readonly role: string | null;
  /** Status of success. */
  readonly status: number;
  readonly stream: boolean;
}

export const operations = {
  getLiveness: {
    method: 'GET',
    path: '/livez',
    query: [],
    body: false,
    idempotent: null,
    scope: null,
    role: null,
    status: 200,
    stream: false,
  },
  getReadiness: {
    method: 'GET',
    path: '/readyz',
    query: [],
    body: false,
    idempotent: null,
    scope: null,
    role: null,
    status: 200,
    stream: false,
  },
  listAccounts: {
    method: 'GET',
    path: '/v1/admin/accounts',
    query: ['limit', 'cursor', 'state'],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  getAccount: {
    method: 'GET',
    path: '/v1/admin/accounts/{accountId}',
    query: [],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  listClients: {
    method: 'GET',
    path: '/v1/admin/accounts/{accountId}/clients',
    query: ['limit', 'cursor'],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  registerClient: {
    method: 'POST',
    path: '/v1/admin/accounts/{accountId}/clients',
    query: [],
    body: true,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 201,
    stream: false,
  },
  removeClient: {
    method: 'DELETE',
    path: '/v1/admin/accounts/{accountId}/clients/{clientId}',
    query: [],
    body: false,
    idempotent: null,
    scope: 'admin:write',
    role: 'admin',
    status: 204,
    stream: false,
  },
  getAccountDeletion: {
    method: 'GET',
    path: '/v1/admin/accounts/{accountId}/deletion',
    query: [],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  deleteAccount: {
    method: 'POST',
    path: '/v1/admin/accounts/{accountId}/deletion',
    query: [],
    body: true,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  cancelAccountDeletion: {
    method: 'POST',
    path: '/v1/admin/accounts/{accountId}/deletion/cancel',
    query: [],
    body: false,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  resumeAccount: {
    method: 'POST',
    path: '/v1/admin/accounts/{accountId}/resume',
    query: [],
    body: false,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  suspendAccount: {
    method: 'POST',
    path: '/v1/admin/accounts/{accountId}/suspend',
    query: [],
    body: true,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  getAccountUsage: {
    method: 'GET',
    path: '/v1/admin/accounts/{accountId}/usage',
    query: [],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  listAudit: {
    method: 'GET',
    path: '/v1/admin/audit',
    query: ['limit', 'cursor', 'account', 'principal', 'object', 'action', 'since'],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  listDeadLetters: {
    method: 'GET',
    path: '/v1/admin/dead-letters',
    query: ['limit', 'cursor', 'code', 'account'],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  replayDeadLetters: {
    method: 'POST',
    path: '/v1/admin/dead-letters/replay',
    query: [],
    body: true,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  listAccountDeletions: {
    method: 'GET',
    path: '/v1/admin/deletions',
    query: ['limit', 'cursor'],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  listJobs: {
    method: 'GET',
    path: '/v1/admin/jobs',
    query: ['limit', 'cursor', 'state', 'account'],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  getJob: {
    method: 'GET',
    path: '/v1/admin/jobs/{jobId}',
    query: [],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  cancelJob: {
    method: 'POST',
    path: '/v1/admin/jobs/{jobId}/cancel',
    query: [],
    body: false,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  retryJob: {
    method: 'POST',
    path: '/v1/admin/jobs/{jobId}/retry',
    query: [],
    body: false,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  getPayments: {
    method: 'GET',
    path: '/v1/admin/payments',
    query: [],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  listReconcileRuns: {
    method: 'GET',
    path: '/v1/admin/reconcile/runs',
    query: ['limit', 'cursor'],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  startReconcile: {
    method: 'POST',
    path: '/v1/admin/reconcile/runs',
    query: [],
    body: true,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 201,
    stream: false,
  },
  getReconcileRun: {
    method: 'GET',
    path: '/v1/admin/reconcile/runs/{runId}',
    query: [],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  applyReconcile: {
    method: 'POST',
    path: '/v1/admin/reconcile/runs/{runId}/apply',
    query: [],
    body: true,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  cancelReconcile: {
    method: 'POST',
    path: '/v1/admin/reconcile/runs/{runId}/cancel',
    query: [],
    body: false,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  followReconcileRun: {
    method: 'GET',
    path: '/v1/admin/reconcile/runs/{runId}/events',
    query: [],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: true,
  },
  listReconcileFindings: {
    method: 'GET',
    path: '/v1/admin/reconcile/runs/{runId}/findings',
    query: ['limit', 'cursor', 'kind', 'state'],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  undoReconcile: {
    method: 'POST',
    path: '/v1/admin/reconcile/runs/{runId}/undo',
    query: [],
    body: false,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  getStats: {
    method: 'GET',
    path: '/v1/admin/stats',
    query: [],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  listStripeEvents: {
    method: 'GET',
    path: '/v1/admin/stripe-events',
    query: ['limit', 'cursor', 'state'],
    body: false,
    idempotent: null,
    scope: 'admin:read',
    role: 'admin',
    status: 200,
    stream: false,
  },
  ignoreStripeEvent: {
    method: 'POST',
    path: '/v1/admin/stripe-events/{eventId}/ignore',
    query: [],
    body: true,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  retryStripeEvent: {
    method: 'POST',
    path: '/v1/admin/stripe-events/{eventId}/retry',
    query: [],
    body: false,
    idempotent: 'store',
    scope: 'admin:write',
    role: 'admin',
    status: 200,
    stream: false,
  },
  getAuthConfig: {
    method: 'GET',
    path: '/v1/auth/config',
    query: [],
    body: false,
    idempotent: null,
    scope: null,
    role: null,
    status: 200,
    stream: false,
  },
  getBilling: {
    method: 'GET',
    path: '/v1/billing',
    query: [],
    body: false,
    idempotent: null,
    scope: 'billing:read',
    role: 'member',
    status: 200,
    stream: false,
  },
  updateBilling: {
    method: 'PATCH',
    path: '/v1/billing',
    query: [],
    body: true,
    idempotent: null,
    scope: 'billing:write',
    role: 'owner',
    status: 200,
    stream: false,
  },
  createCheckoutLink: {
    method: 'POST',
    path: '/v1/billing/checkout',
    query: [],
    body: true,
    idempotent: 'recompute',
    scope: 'billing:write',
    role: 'owner',
    status: 201,
    stream: false,
  },
  listInvoices: {
    method: 'GET',
    path: '/v1/billing/invoices',
    query: ['limit', 'cursor'],
    body: false,
    idempotent: null,
    scope: 'billing:read',
    role: 'member',
    status: 200,
    stream: false,
  },
  getPlans: {
    method: 'GET',
    path: '/v1/billing/plans',
    query: [],
    body: false,
    idempotent: null,
    scope: null,
    role: null,
    status: 200,
    stream: false,
  },
  createPortalSession: {
    method: 'POST',
    path: '/v1/billing/portal',
    query: [],
    body: false,
    idempotent: 'recompute',
    scope: 'billing:write',
    role: 'owner',
    status: 201,
    stream: false,
  },
  getBillingUsage: {
    method: 'GET',
    path: '/v1/billing/usage',
    query: ['limit', 'cursor', 'periodStart'],
    body: false,
    idempotent: null,
    scope: 'billing:read',
    role: 'member',
    status: 200,
    stream: false,
  },
  getCatalog: {
    method: 'GET',
    path: '/v1/catalog',
    query: [],
    body: false,
    idempotent: null,
    scope: null,
    role: null,
    status: 200,
    stream: false,
  },
  streamEvents: {
    method: 'GET',
    path: '/v1/events',
    query: ['projectId', 'imageId', 'after'],
    body: false,
    idempotent: null,
    scope: 'images:read',
    role: 'member',
    status: 200,
    stream: true,
  },
  listImages: {
    method: 'GET',
    path: '/v1/images',
    query: ['limit', 'cursor', 'projectId', 'state'],
    body: false,
    idempotent: null,
    scope: 'images:read',
    role: 'member',
    status: 200,
    stream: false,
  },
  createImages: {
    method: 'POST',
    path: '/v1/images',
    query: [],
    body: true,
    idempotent: 'store',
    scope: 'images:write',
    role: 'member',
    status: 200,
    stream: false,
  },
  deleteImage: {
    method: 'DELETE',
    path: '/v1/images/{imageId}',
    query: [],
    body: false,
    idempotent: null,
    scope: 'images:write',
    role: 'member',
    status: 204,
    stream: false,
  },
  getImage: {
    method: 'GET',
    path: '/v1/images/{imageId}',
    query: [],
    body: false,
    idempotent: null,
    scope: 'images:read',
    role: 'member',
    status: 200,
    stream: false,
  },
  cancelImage: {
    method: 'POST',
    path: '/v1/images/{imageId}/cancel',
    query: [],
    body: false,
    idempotent: 'store',
    scope: 'images:write',
    role: 'member',
    status: 200,
    stream: false,
  },
  getImageDownloads: {
    method: 'GET',
    path: '/v1/images/{imageId}/downloads',
    query: [],
    body: false,
    idempotent: null,
    scope: 'images:read',
    role: 'member',
    status: 200,
    stream: false,
  },
  retryImage: {
    method: 'POST',
    path: '/v1/images/{imageId}/retry',
    query: [],
    body: false,
    idempotent: 'store',
    scope: 'images:write',
    role: 'member',
    status: 200,
    stream: false,
  },
  listInvitations: {
    method: 'GET',
    path: '/v1/invitations',
    query: ['limit', 'cursor'],
    body: false,
    idempotent: null,
    scope: 'members:read',
    role: 'owner',
    status: 200,
    stream: false,
  },
  createInvitation: {
    method: 'POST',
    path: '/v1/invitations',
    query: [],
    body: true,
    idempotent: 'once',
    scope: 'members:write',
    role: 'owner',
    status: 201,
    stream: false,
  },
  revokeInvitation: {
    method: 'DELETE',
    path: '/v1/invitations/{invitationId}',
    query: [],
    body: false,
    idempotent: null,
    scope: 'members:write',
    role: 'owner',
    status: 204,
    stream: false,
  },
  acceptInvitation: {
    method: 'POST',
    path: '/v1/invitations/accept',
    query: [],
    body: true,
    idempotent: 'store',
    scope: 'account:write',
    role: null,
    status: 200,
    stream: false,
  },
  getMe: {
    method: 'GET',
    path: '/v1/me',
    query: [],
    body: false,
    idempotent: null,
    scope: 'account:read',
    role: 'member',
    status: 200,
    stream: false,
  },
  leaveAccount: {
    method: 'DELETE',
    path: '/v1/me/membership',
    query: [],
    body: false,
    idempotent: null,
    scope: 'account:write',
    role: 'member',
    status: 204,
    stream: false,
  },
  listMembers: {
    method: 'GET',
    path: '/v1/members',
    query: ['limit', 'cursor'],
    body: false,
    idempotent: null,
    scope: 'members:read',
    role: 'member',
    status: 200,
    stream: false,
  },
  removeMember: {
    method: 'DELETE',
    path: '/v1/members/{memberId}',
    query: [],
    body: false,
    idempotent: null,
    scope: 'members:write',
    role: 'owner',
    status: 204,
    stream: false,
  },
  updateMember: {
    method: 'PATCH',
    path: '/v1/members/{memberId}',
    query: [],
    body: true,
    idempotent: null,
    scope: 'members:write',
    role: 'owner',
    status: 200,
    stream: false,
  },
  listProjects: {
    method: 'GET',
    path: '/v1/projects',
    query: ['limit', 'cursor'],
    body: false,
    idempotent: null,
    scope: 'projects:read',
    role: 'member',
    status: 200,
    stream: false,
  },
  createProject: {
    method: 'POST',
    path: '/v1/projects',
    query: [],
    body: true,
    idempotent: 'store',
    scope: 'projects:write',
    role: 'member',
    status: 201,
    stream: false,
  },
  deleteProject: {
    method: 'DELETE',
    path: '/v1/projects/{projectId}',
    query: [],
    body: false,
    idempotent: null,
    scope: 'projects:write',
    role: 'member',
    status: 204,
    stream: false,
  },
  getProject: {
    method: 'GET',
    path: '/v1/projects/{projectId}',
    query: [],
    body: false,
    idempotent: null,
    scope: 'projects:read',
    role: 'member',
    status: 200,
    stream: false,
  },
  updateProject: {
    method: 'PATCH',
    path: '/v1/projects/{projectId}',
    query: [],
    body: true,
    idempotent: null,
    scope: 'projects:write',
    role: 'member',
    status: 200,
    stream: false,
  },
  listTokens: {
    method: 'GET',
    path: '/v1/tokens',
    query: ['limit', 'cursor'],
    body: false,
    idempotent: null,
    scope: 'tokens:read',
    role: 'member',
    status: 200,
    stream: false,
  },
  createToken: {
    method: 'POST',
    path: '/v1/tokens',
    query: [],
    body: true,
    idempotent: 'once',
    scope: 'tokens:write',
    role: 'member',
    status: 201,
    stream: false,
  },
  revokeToken: {
    method: 'DELETE',
    path: '/v1/tokens/{tokenId}',
    query: [],
    body: false,
    idempotent: null,
    scope: 'tokens:write',
    role: 'member',
    status: 204,
    stream: false,
  },
  createUploads: {
    method: 'POST',
    path: '/v1/uploads',
    query: [],
    body: true,
    idempotent: 'recompute',
    scope: 'images:write',
    role: 'member',
    status: 200,
    stream: false,
  },
  finalizeUploads: {
    method: 'POST',
    path: '/v1/uploads/finalize',
    query: [],
    body: true,
    idempotent: 'recompute',
    scope: 'images:write',
    role: 'member',
    status: 200,
    stream: false,
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

/** What each operation takes and answers with. */
export interface OperationTypes {
  getLiveness: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: Health;
  };
  getReadiness: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: Health;
  };
  listAccounts: {
    params: undefined;
    query: ListAccountsQuery;
    body: undefined;
    result: AccountPage;
  };
  getAccount: {
    params: { accountId: string };
    query: undefined;
    body: undefined;
    result: Account;
  };
  listClients: {
    params: { accountId: string };
    query: ListClientsQuery;
    body: undefined;
    result: ClientPage;
  };
  registerClient: {
    params: { accountId: string };
    query: undefined;
    body: ClientInput;
    result: Client;
  };
  removeClient: {
    params: { accountId: string; clientId: string };
    query: undefined;
    body: undefined;
    result: undefined;
  };
  getAccountDeletion: {
    params: { accountId: string };
    query: undefined;
    body: undefined;
    result: Deletion;
  };
  deleteAccount: {
    params: { accountId: string };
    query: undefined;
    body: DeletionInput;
    result: Deletion;
  };
  cancelAccountDeletion: {
    params: { accountId: string };
    query: undefined;
    body: undefined;
    result: Deletion;
  };
  resumeAccount: {
    params: { accountId: string };
    query: undefined;
    body: undefined;
    result: Account;
  };
  suspendAccount: {
    params: { accountId: string };
    query: undefined;
    body: Suspension;
    result: Account;
  };
  getAccountUsage: {
    params: { accountId: string };
    query: undefined;
    body: undefined;
    result: AccountUsage;
  };
  listAudit: {
    params: undefined;
    query: ListAuditQuery;
    body: undefined;
    result: AuditPage;
  };
  listDeadLetters: {
    params: undefined;
    query: ListDeadLettersQuery;
    body: undefined;
    result: DeadLetterPage;
  };
  replayDeadLetters: {
    params: undefined;
    query: undefined;
    body: ReplayInput;
    result: ReplayedBatch;
  };
  listAccountDeletions: {
    params: undefined;
    query: ListAccountDeletionsQuery;
    body: undefined;
    result: DeletionPage;
  };
  listJobs: {
    params: undefined;
    query: ListJobsQuery;
    body: undefined;
    result: JobPage;
  };
  getJob: {
    params: { jobId: string };
    query: undefined;
    body: undefined;
    result: Job;
  };
  cancelJob: {
    params: { jobId: string };
    query: undefined;
    body: undefined;
    result: JobChange;
  };
  retryJob: {
    params: { jobId: string };
    query: undefined;
    body: undefined;
    result: JobChange;
  };
  getPayments: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: PaymentsState;
  };
  listReconcileRuns: {
    params: undefined;
    query: ListReconcileRunsQuery;
    body: undefined;
    result: ReconcileRunPage;
  };
  startReconcile: {
    params: undefined;
    query: undefined;
    body: ReconcileInput;
    result: ReconcileRun;
  };
  getReconcileRun: {
    params: { runId: string };
    query: undefined;
    body: undefined;
    result: ReconcileRun;
  };
  applyReconcile: {
    params: { runId: string };
    query: undefined;
    body: ReconcileApply;
    result: ReconcileRun;
  };
  cancelReconcile: {
    params: { runId: string };
    query: undefined;
    body: undefined;
    result: ReconcileRun;
  };
  followReconcileRun: {
    params: { runId: string };
    query: undefined;
    body: undefined;
    result: ReconcileEvent;
  };
  listReconcileFindings: {
    params: { runId: string };
    query: ListReconcileFindingsQuery;
    body: undefined;
    result: ReconcileFindingPage;
  };
  undoReconcile: {
    params: { runId: string };
    query: undefined;
    body: undefined;
    result: ReconcileRun;
  };
  getStats: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: Stats;
  };
  listStripeEvents: {
    params: undefined;
    query: ListStripeEventsQuery;
    body: undefined;
    result: StripeEventPage;
  };
  ignoreStripeEvent: {
    params: { eventId: string };
    query: undefined;
    body: Suspension;
    result: StripeEventRecord;
  };
  retryStripeEvent: {
    params: { eventId: string };
    query: undefined;
    body: undefined;
    result: StripeEventRecord;
  };
  getAuthConfig: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: AuthConfig;
  };
  getBilling: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: BillingStatus;
  };
  updateBilling: {
    params: undefined;
    query: undefined;
    body: BillingChange;
    result: BillingStatus;
  };
  createCheckoutLink: {
    params: undefined;
    query: undefined;
    body: CheckoutInput;
    result: CheckoutLink;
  };
  listInvoices: {
    params: undefined;
    query: ListInvoicesQuery;
    body: undefined;
    result: InvoicePage;
  };
  getPlans: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: PlanList;
  };
  createPortalSession: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: PortalSession;
  };
  getBillingUsage: {
    params: undefined;
    query: GetBillingUsageQuery;
    body: undefined;
    result: UsagePage;
  };
  getCatalog: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: Catalog;
  };
  streamEvents: {
    params: undefined;
    query: StreamEventsQuery;
    body: undefined;
    result: StreamEvent;
  };
  listImages: {
    params: undefined;
    query: ListImagesQuery;
    body: undefined;
    result: ImagePage;
  };
  createImages: {
    params: undefined;
    query: undefined;
    body: CreateImages;
    result: CreatedImagesBatch;
  };
  deleteImage: {
    params: { imageId: string };
    query: undefined;
    body: undefined;
    result: undefined;
  };
  getImage: {
    params: { imageId: string };
    query: undefined;
    body: undefined;
    result: Image;
  };
  cancelImage: {
    params: { imageId: string };
    query: undefined;
    body: undefined;
    result: Image;
  };
  getImageDownloads: {
    params: { imageId: string };
    query: undefined;
    body: undefined;
    result: Downloads;
  };
  retryImage: {
    params: { imageId: string };
    query: undefined;
    body: undefined;
    result: Image;
  };
  listInvitations: {
    params: undefined;
    query: ListInvitationsQuery;
    body: undefined;
    result: InvitationPage;
  };
  createInvitation: {
    params: undefined;
    query: undefined;
    body: InvitationInput;
    result: CreatedInvitation;
  };
  revokeInvitation: {
    params: { invitationId: string };
    query: undefined;
    body: undefined;
    result: undefined;
  };
  acceptInvitation: {
    params: undefined;
    query: undefined;
    body: InvitationAcceptance;
    result: Membership;
  };
  getMe: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: Me;
  };
  leaveAccount: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: undefined;
  };
  listMembers: {
    params: undefined;
    query: ListMembersQuery;
    body: undefined;
    result: MemberPage;
  };
  removeMember: {
    params: { memberId: string };
    query: undefined;
    body: undefined;
    result: undefined;
  };
  updateMember: {
    params: { memberId: string };
    query: undefined;
    body: MemberChange;
    result: Member;
  };
  listProjects: {
    params: undefined;
    query: ListProjectsQuery;
    body: undefined;
    result: ProjectPage;
  };
  createProject: {
    params: undefined;
    query: undefined;
    body: ProjectInput;
    result: Project;
  };
  deleteProject: {
    params: { projectId: string };
    query: undefined;
    body: undefined;
    result: undefined;
  };
  getProject: {
    params: { projectId: string };
    query: undefined;
    body: undefined;
    result: Project;
  };
  updateProject: {
    params: { projectId: string };
    query: undefined;
    body: ProjectInput;
    result: Project;
  };
  listTokens: {
    params: undefined;
    query: ListTokensQuery;
    body: undefined;
    result: TokenPage;
  };
  createToken: {
    params: undefined;
    query: undefined;
    body: TokenInput;
    result: CreatedToken;
  };
  revokeToken: {
    params: { tokenId: string };
    query: undefined;
    body: undefined;
    result: undefined;
  };
  createUploads: {
    params: undefined;
    query: undefined;
    body: CreateUploads;
    result: UploadTickets;
  };
  finalizeUploads: {
    params: undefined;
    query: undefined;
    body: FinalizeUploads;
    result: FinalizedUploads;
  };
}
