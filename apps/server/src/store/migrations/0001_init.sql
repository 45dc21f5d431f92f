-- Times are timestamptz, ids are made by the program, states are text that the program keeps to its closed sets.

create table installation (
  only_row boolean primary key default true check (only_row),
  id uuid not null,
  created_at timestamptz not null default now()
);

create table people (
  id uuid primary key,
  email text not null,
  name text not null,
  password_hash text not null,
  is_operator boolean not null default false,
  is_disabled boolean not null default false,
  last_login_at timestamptz,
  last_project_id uuid,
  created_at timestamptz not null default now()
);
create unique index people_email on people (lower(email));

create table projects (
  id uuid primary key,
  name text not null unique,
  description text not null default '',
  quota jsonb not null default '{}',
  created_at timestamptz not null default now()
);

create table members (
  project_id uuid not null references projects on delete cascade,
  person_id uuid not null references people on delete cascade,
  role text not null,
  created_at timestamptz not null default now(),
  primary key (project_id, person_id)
);
create index members_person on members (person_id);

-- A session is one sign-in; its refresh tokens follow each other, and a used one that comes back ends the session.
create table sessions (
  id uuid primary key,
  person_id uuid not null references people on delete cascade,
  project_id uuid not null references projects on delete cascade,
  is_cookie boolean not null default false,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index sessions_person on sessions (person_id);
create index sessions_expiry on sessions (expires_at);

create table refresh_tokens (
  hash bytea primary key,
  session_id uuid not null references sessions on delete cascade,
  created_at timestamptz not null default now(),
  used_at timestamptz
);
create index refresh_tokens_session on refresh_tokens (session_id);

create table api_keys (
  id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  person_id uuid not null references people on delete cascade,
  name text not null,
  role text not null,
  scopes text[],
  hash bytea not null unique,
  prefix text not null,
  last_four text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  unique (project_id, name)
);
create index api_keys_person on api_keys (person_id);

create table databases (
  id uuid primary key,
  project_id uuid not null references projects,
  name text not null,
  location text not null,
  managed_by text not null default 'howdah',
  labels jsonb not null default '{}',
  version int not null,
  instances int not null,
  storage_gib int not null,
  cpu double precision not null,
  memory_mib int not null,
  durability text not null,
  parameters jsonb not null default '{}',
  extensions text[] not null default '{}',
  allowed_cidrs text[] not null default '{}',
  deletion_protection boolean not null default false,
  is_hibernated boolean not null default false,
  restart_token text not null default '',
  main_db text not null,
  owner text not null,
  generation int not null default 1,
  -- Seen: what the engine said last, and the phase that follows from it and from the operation that runs.
  observed jsonb,
  failure jsonb,
  phase text not null,
  reason text not null default '',
  message text not null default '',
  since timestamptz not null default now(),
  operation_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, name)
);
create index databases_phase on databases (project_id, phase, name);
create index databases_labels on databases using gin (labels jsonb_path_ops);
create index databases_location on databases (location);

-- PostgreSQL roles and logical databases inside a database. Passwords are sealed (see domain/sealed.ts).
create table database_users (
  database_id uuid not null references databases on delete cascade,
  name text not null,
  access text not null,
  connection_limit int not null default -1,
  password bytea not null,
  -- Waits to be applied: the old one is what opens the database until then.
  next_password bytea,
  is_owner boolean not null default false,
  phase text not null,
  message text not null default '',
  operation_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (database_id, name)
);

create table database_dbs (
  database_id uuid not null references databases on delete cascade,
  name text not null,
  owner text not null,
  is_main boolean not null default false,
  phase text not null,
  message text not null default '',
  operation_id uuid,
  created_at timestamptz not null default now(),
  primary key (database_id, name)
);

-- Operations outlive the database they were about, so there is no foreign key.
create table operations (
  id uuid primary key,
  seq bigint generated always as identity unique,
  project_id uuid not null references projects on delete cascade,
  location text not null,
  database_id uuid not null,
  database_name text not null,
  type text not null,
  target text not null default '',
  phase text not null default 'pending',
  step text,
  message text not null default '',
  steps jsonb not null default '[]',
  requested_by text not null,
  cancel_requested boolean not null default false,
  -- Columns of the database as they were before, for a cancel before anything was done.
  undo jsonb,
  error jsonb,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  -- Queue: not before `run_after`, and only by the holder of the lease while it lasts.
  run_after timestamptz not null default now(),
  deadline_at timestamptz not null,
  lease_owner uuid,
  lease_until timestamptz
);
create index operations_queue on operations (run_after) where phase in ('pending', 'running');
create index operations_open on operations (database_id, seq) where phase in ('pending', 'running');
create index operations_project on operations (project_id, seq desc);
create index operations_database on operations (project_id, database_name, seq desc);

create table service_events (
  id uuid primary key,
  seq bigint generated always as identity unique,
  project_id uuid not null references projects on delete cascade,
  database_id uuid not null,
  database_name text not null,
  at timestamptz not null default now(),
  type text not null,
  severity text not null,
  message text not null,
  details jsonb not null default '{}'
);
create index service_events_database on service_events (database_id, seq desc);
create index service_events_at on service_events (at);

-- What GET /api/events tells: references only, so that a reader gets the state as it is when it reads.
create table stream_events (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  at timestamptz not null default now(),
  kind text not null,
  name text not null,
  ref_id uuid
);
create index stream_events_project on stream_events (project_id, id);
create index stream_events_at on stream_events (at);

-- One hash chain of audit entries per project. The row is locked by whoever appends, so that positions have no gaps
-- and the ids of stream_events grow in the order of commits within a project.
create table chains (
  project_id uuid primary key,
  last_id bigint not null default 0,
  last_hash text not null default ''
);

create table audit_log (
  project_id uuid not null,
  id bigint not null,
  at timestamptz not null,
  actor text not null,
  actor_kind text not null,
  project text not null,
  action text not null,
  target text not null,
  outcome text not null,
  source_ip text,
  user_agent text,
  request_id text,
  changes jsonb not null default '{}',
  prev_hash text not null,
  hash text not null,
  primary key (project_id, id)
);
create index audit_log_target on audit_log (project_id, target, id desc);
create index audit_log_actor on audit_log (project_id, actor, id desc);

create function audit_log_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit_log is append-only';
end
$$;
create trigger audit_log_append_only before update or delete or truncate on audit_log
  for each statement execute function audit_log_is_append_only();

-- Answers to requests with an Idempotency-Key, sealed because some hold a secret that is answered once.
create table idempotency_keys (
  scope text not null,
  key text not null,
  request_hash bytea not null,
  status int not null,
  response bytea,
  created_at timestamptz not null default now(),
  primary key (scope, key)
);
create index idempotency_keys_created on idempotency_keys (created_at);
