import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- While a payment has failed: the plan holds until then. NULL also where an earlier release has written it.
    ALTER TABLE subscriptions ADD COLUMN grace_ends_at timestamptz;
    ALTER TABLE billing_accounts
      -- The plan of a subscription that the account was told of last; NULL: its base plan.
      ADD COLUMN subscribed_plan text COLLATE "C" CHECK (subscribed_plan IN ('free', 'pro', 'business', 'dev')),
      -- When it may end although nothing is heard of it: whether it has is looked at then.
      ADD COLUMN plan_ends_at timestamptz;
    CREATE INDEX billing_accounts_plan_ends ON billing_accounts (plan_ends_at) WHERE plan_ends_at IS NOT NULL;

    -- For operators, as the other columns that decide what an account may make.
    GRANT SELECT (grace_ends_at) ON subscriptions TO stager_admin;

    UPDATE billing_accounts b SET subscribed_plan = s.plan, plan_ends_at = now()
      FROM (SELECT DISTINCT ON (account_id) account_id, plan FROM subscriptions
             WHERE status IN ('trialing', 'active', 'past_due')
             ORDER BY account_id, array_position(ARRAY['dev', 'business', 'pro', 'free'], plan)) s
     WHERE s.account_id = b.account_id;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    ALTER TABLE billing_accounts DROP COLUMN plan_ends_at, DROP COLUMN subscribed_plan;
    REVOKE SELECT (grace_ends_at) ON subscriptions FROM stager_admin;
    ALTER TABLE subscriptions DROP COLUMN grace_ends_at`);
}
