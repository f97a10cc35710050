import { ALL_SCOPES } from '../contract/index.ts';

/** In the place of the identifier that an API has in Auth0. */
export const AUDIENCE = 'https://api.stager.local';
export const CLI_CLIENT = 'stager-cli';
export const WEB_CLIENT = 'stager-web';
/** Client of the local issuer for scripts; it belongs to the account of `demo`. */
export const CI_CLIENT = 'stager-ci';
/** What a production tenant would grant to customers: `demo` alone operates the installation. */
export const CUSTOMER_SCOPES = ALL_SCOPES.filter((scope) => !scope.startsWith('admin:'));
