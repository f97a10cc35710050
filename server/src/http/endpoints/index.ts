// Written by `npm run generate` from the files of this folder.
import type { RouteName } from '../../contract/index.ts';
import type { Endpoint } from '../endpoint.ts';
import acceptInvitation from './acceptInvitation.ts';
import applyReconcile from './applyReconcile.ts';
import cancelAccountDeletion from './cancelAccountDeletion.ts';
import cancelImage from './cancelImage.ts';
import cancelJob from './cancelJob.ts';
import cancelReconcile from './cancelReconcile.ts';
import createCheckoutLink from './createCheckoutLink.ts';
import createImages from './createImages.ts';
import createInvitation from './createInvitation.ts';
import createPortalSession from './createPortalSession.ts';
import createProject from './createProject.ts';
import createToken from './createToken.ts';
import createUploads from './createUploads.ts';
import deleteAccount from './deleteAccount.ts';
import deleteImage from './deleteImage.ts';
import deleteProject from './deleteProject.ts';
import finalizeUploads from './finalizeUploads.ts';
import followReconcileRun from './followReconcileRun.ts';
import getAccount from './getAccount.ts';
import getAccountDeletion from './getAccountDeletion.ts';
import getAccountUsage from './getAccountUsage.ts';
import getAuthConfig from './getAuthConfig.ts';
import getBilling from './getBilling.ts';
import getBillingUsage from './getBillingUsage.ts';
import getCatalog from './getCatalog.ts';
import getImage from './getImage.ts';
import getImageDownloads from './getImageDownloads.ts';
import getJob from './getJob.ts';
import getLiveness from './getLiveness.ts';
import getMe from './getMe.ts';
import getPayments from './getPayments.ts';
import getPlans from './getPlans.ts';
import getProject from './getProject.ts';
import getReadiness from './getReadiness.ts';
import getReconcileRun from './getReconcileRun.ts';
import getStats from './getStats.ts';
import ignoreStripeEvent from './ignoreStripeEvent.ts';
import leaveAccount from './leaveAccount.ts';
import listAccountDeletions from './listAccountDeletions.ts';
import listAccounts from './listAccounts.ts';
import listAudit from './listAudit.ts';
import listClients from './listClients.ts';
import listDeadLetters from './listDeadLetters.ts';
import listImages from './listImages.ts';
import listInvitations from './listInvitations.ts';
import listInvoices from './listInvoices.ts';
import listJobs from './listJobs.ts';
import listMembers from './listMembers.ts';
import listProjects from './listProjects.ts';
import listReconcileFindings from './listReconcileFindings.ts';
import listReconcileRuns from './listReconcileRuns.ts';
import listStripeEvents from './listStripeEvents.ts';
import listTokens from './listTokens.ts';
import registerClient from './registerClient.ts';
import removeClient from './removeClient.ts';
import removeMember from './removeMember.ts';
import replayDeadLetters from './replayDeadLetters.ts';
import resumeAccount from './resumeAccount.ts';
import retryImage from './retryImage.ts';
import retryJob from './retryJob.ts';
import retryStripeEvent from './retryStripeEvent.ts';
import revokeInvitation from './revokeInvitation.ts';
import revokeToken from './revokeToken.ts';
import startReconcile from './startReconcile.ts';
import streamEvents from './streamEvents.ts';
import suspendAccount from './suspendAccount.ts';
import undoReconcile from './undoReconcile.ts';
import updateBilling from './updateBilling.ts';
import updateMember from './updateMember.ts';
import updateProject from './updateProject.ts';

/** One endpoint per operation of the contract; a missing one is a type error. */
export const endpoints = {
  acceptInvitation,
  applyReconcile,
  cancelAccountDeletion,
  cancelImage,
  cancelJob,
  cancelReconcile,
  createCheckoutLink,
  createImages,
  createInvitation,
  createPortalSession,
  createProject,
  createToken,
  createUploads,
  deleteAccount,
  deleteImage,
  deleteProject,
  finalizeUploads,
  followReconcileRun,
  getAccount,
  getAccountDeletion,
  getAccountUsage,
  getAuthConfig,
  getBilling,
  getBillingUsage,
  getCatalog,
  getImage,
  getImageDownloads,
  getJob,
  getLiveness,
  getMe,
  getPayments,
  getPlans,
  getProject,
  getReadiness,
  getReconcileRun,
  getStats,
  ignoreStripeEvent,
  leaveAccount,
  listAccountDeletions,
  listAccounts,
  listAudit,
  listClients,
  listDeadLetters,
  listImages,
  listInvitations,
  listInvoices,
  listJobs,
  listMembers,
  listProjects,
  listReconcileFindings,
  listReconcileRuns,
  listStripeEvents,
  listTokens,
  registerClient,
  removeClient,
  removeMember,
  replayDeadLetters,
  resumeAccount,
  retryImage,
  retryJob,
  retryStripeEvent,
  revokeInvitation,
  revokeToken,
  startReconcile,
  streamEvents,
  suspendAccount,
  undoReconcile,
  updateBilling,
  updateMember,
  updateProject,
} satisfies Record<RouteName, Endpoint>;
