// Written by `npm run generate` from the files of this folder.
import type { RouteName } from '../../contract/index.ts';
import type { Endpoint } from '../endpoint.ts';
import cancelImage from './cancelImage.ts';
import createImages from './createImages.ts';
import createProject from './createProject.ts';
import createUploads from './createUploads.ts';
import deleteImage from './deleteImage.ts';
import deleteProject from './deleteProject.ts';
import finalizeUploads from './finalizeUploads.ts';
import getAuthConfig from './getAuthConfig.ts';
import getCatalog from './getCatalog.ts';
import getImage from './getImage.ts';
import getImageDownloads from './getImageDownloads.ts';
import getLiveness from './getLiveness.ts';
import getMe from './getMe.ts';
import getProject from './getProject.ts';
import getReadiness from './getReadiness.ts';
import listImages from './listImages.ts';
import listProjects from './listProjects.ts';
import retryImage from './retryImage.ts';
import streamEvents from './streamEvents.ts';
import updateProject from './updateProject.ts';

/** One endpoint per operation of the contract; a missing one is a type error. */
export const endpoints = {
  cancelImage,
  createImages,
  createProject,
  createUploads,
  deleteImage,
  deleteProject,
  finalizeUploads,
  getAuthConfig,
  getCatalog,
  getImage,
  getImageDownloads,
  getLiveness,
  getMe,
  getProject,
  getReadiness,
  listImages,
  listProjects,
  retryImage,
  streamEvents,
  updateProject,
} satisfies Record<RouteName, Endpoint>;
