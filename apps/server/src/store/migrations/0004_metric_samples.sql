-- One row for each database and minute, for a day. No foreign key: what is deleted is pruned with the rest.
create table metric_samples (
  database_id uuid not null,
  at timestamptz not null,
  storage_used_bytes bigint,
  connections int,
  transactions_per_second double precision,
  primary key (database_id, at)
);
-- For the pruning: rows come in the order of their time.
create index metric_samples_at on metric_samples using brin (at);

-- The minute that was sampled last. Whoever moves it on takes the samples.
alter table installation add column sampled_at timestamptz not null default '-infinity';
