-- What a database began as: the id of the other one, its name then, and the target, as the engine was told.
alter table databases add column origin jsonb;
-- Schedule, time zone and retention; null where the location keeps no backups.
alter table databases add column backup jsonb;
-- When the next base backup is due; null for never.
alter table databases add column next_backup_at timestamptz;
create index databases_next_backup on databases (next_backup_at) where next_backup_at is not null;
-- When it is deleted by itself; null for never.
alter table databases add column expires_at timestamptz;
create index databases_expiry on databases (expires_at) where expires_at is not null;
create index databases_origin on databases ((origin ->> 'id')) where origin is not null;
-- Databases that are gone and whose archives are kept, with the row that they had.
create table deleted_databases (
  id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  name text not null,
  location text not null,
  row jsonb not null,
  deleted_at timestamptz not null default now(),
  kept_until timestamptz not null
);
create index deleted_databases_project on deleted_databases (project_id, deleted_at desc);
create index deleted_databases_kept on deleted_databases (kept_until);
