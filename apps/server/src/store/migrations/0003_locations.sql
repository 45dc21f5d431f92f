-- Which place each location was when it was first used: a name that was set to another place by mistake is refused.
create table locations (
  name text primary key,
  identity text not null,
  created_at timestamptz not null default now()
);
