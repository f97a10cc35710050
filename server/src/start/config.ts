import { z } from 'zod';
import { PlanOverrides } from '../contract/index.ts';
import { baseConfig, secretList } from '../infra/config.ts';

/** Exactly as browsers send them: scheme, host and port, nothing behind. */
const originList = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .pipe(
    z.array(
      z
        .string()
        .refine(
          (origin) => URL.parse(origin)?.origin === origin && !origin.includes('*'),
          'each must be an origin like https://app.example.com, without a path, a slash behind it or a wildcard',
        ),
    ),
  );

/** Forms lead there, and people type their cards. */
const httpsOrigins = originList.refine(
  (origins) => origins.every((origin) => origin.startsWith('https://')),
  'each must begin with https://',
);

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Cookies of logins go there, so it is https, or does not leave the machine. */
const publicOrigin = z.string().refine((text) => {
  const url = URL.parse(text);
  if (!url || url.origin !== text) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}, 'must be an origin like https://stager.example.com, without a slash behind it; http is for this machine only');

const perMinute = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

const plans = z
  .string()
  .transform((text, ctx): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      ctx.addIssue('must be JSON like {"pro": {"priceCents": 3900, "limit": 150}}');
      return z.NEVER;
    }
  })
  .pipe(PlanOverrides);

/** What the API process reads from its environment. */
export const apiConfig = baseConfig.extend({
  STAGER_HOST: z.string().default('127.0.0.1').describe('Address to listen on'),
  STAGER_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(4600)
    .describe('Port to listen on; 0 takes a free one'),
  STAGER_RELAY_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('Connection as the role of the relay, which takes entries out of the outbox'),
  STAGER_ADMIN_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('Connection as the role of admins; without it this process serves no `/v1/admin`'),
  STAGER_ISSUER: z
    .url({ protocol: /^https?$/ })
    .describe('Issuer of access tokens, exactly as in their `iss` claim'),
  STAGER_AUDIENCE: z.string().min(1).describe('Audience that access tokens must carry'),
  STAGER_CLI_CLIENT_ID: z
    .string()
    .min(1)
    .describe('Public client of the command line, for the device code flow'),
  STAGER_PUBLIC_URL: publicOrigin
    .optional()
    .describe('Origin under which browsers reach the API; without it there are no checkout pages'),
  STAGER_WEB_CLIENT_ID: z
    .string()
    .min(1)
    .optional()
    .describe('Checkout pages: confidential client at the issuer for logins in a browser'),
  STAGER_WEB_CLIENT_SECRET: z.string().min(1).optional().describe('Checkout pages: its secret'),
  STAGER_SESSION_SECRETS: secretList
    .optional()
    .describe(
      'Checkout pages: secrets of their cookies, forms and links, comma-separated: the first makes, all are accepted',
    ),
  STAGER_SIGNUP: z
    .enum(['open', 'closed'])
    .default('closed')
    .describe('Whether a person who logs in for the first time gets an account'),
  STAGER_PLANS: plans
    .default({})
    .describe(
      'What is different about the plans, as JSON: `{"pro": {"priceCents": 3900, "limit": 150, "overageCents": 40}}`; ' +
        'see the guide on billing',
    ),
  STAGER_STRIPE_WEBHOOK_SECRETS: secretList
    .optional()
    .describe(
      'Payments: signing secrets of the webhook endpoint at Stripe, comma-separated: each is accepted; without one, no event is',
    ),
  STAGER_STRIPE_PAGE_ORIGINS: httpsOrigins
    .optional()
    .describe(
      'Payments: where else than at stripe.com its pages are, such as a custom domain, as a comma-separated list of origins',
    ),
  STAGER_MAX_UPLOAD_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(50 * 1024 * 1024)
    .describe('Largest photo, in bytes'),
  STAGER_MAX_PIXELS: z.coerce
    .number()
    .int()
    .min(4096)
    .default(100_000_000)
    .describe('Largest photo, in pixels'),
  STAGER_BODY_LIMIT: z.coerce
    .number()
    .int()
    .min(1024)
    .default(256 * 1024)
    .describe('Largest JSON body, in bytes'),
  STAGER_FINALIZE_MEMORY: z.coerce
    .number()
    .int()
    .min(1024)
    .default(256 * 1024 * 1024)
    .describe('Bytes of photos that are verified at the same time, over all requests'),
  STAGER_BODY_SECONDS: z.coerce
    .number()
    .min(0.1)
    .default(30)
    .describe('Time that a JSON body may take to arrive'),
  STAGER_HSTS_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Strict-Transport-Security of every answer, where clients come by https; 0 leaves it out'),
  STAGER_CORS_ORIGINS: originList
    .optional()
    .describe('Web pages whose scripts may call the API, as a comma-separated list of exact origins'),
  STAGER_TRUSTED_PROXIES: z.coerce
    .number()
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe(
      'Proxies in front of the API that each add an entry to X-Forwarded-For; what stands further left is ignored',
    ),
  STAGER_LIMITER: z
    .enum(['local', 'redis'])
    .default('local')
    .describe('Where requests are counted: in each process, or in Redis for all of them together'),
  STAGER_RATE_READ: perMinute(1200).describe('Reads a minute and account'),
  STAGER_RATE_WRITE: perMinute(600).describe('Writes a minute and account'),
  STAGER_RATE_STREAM: perMinute(120).describe('Event streams opened a minute and account'),
  STAGER_RATE_PUBLIC: perMinute(300).describe(
    'Requests without a valid token a minute and address (an IPv6 /64 is one), and a minute and refused token',
  ),
  STAGER_STREAMS_PER_ACCOUNT: z.coerce
    .number()
    .int()
    .min(1)
    .default(100)
    .describe('Event streams that an account may have open at one process'),
  STAGER_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .default(20)
    .describe('Time for requests under way when the process stops'),
  STAGER_DRAIN_NOTICE_SECONDS: z.coerce
    .number()
    .min(0)
    .default(5)
    .describe(
      'Time between not ready and the end of the listener, in which balancers turn to other processes: longer than they take',
    ),
});

export type ApiConfig = z.output<typeof apiConfig>;
