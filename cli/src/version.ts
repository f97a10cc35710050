/** Written into the bundle by the build; from source, the version of the package beside it. */
declare const STAGER_CLI_VERSION: string | undefined;

export const VERSION: string = typeof STAGER_CLI_VERSION === 'string' ? STAGER_CLI_VERSION : '0.1.0-source';
