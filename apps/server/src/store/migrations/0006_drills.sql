-- When the newest backup is restored to prove it, the next time that this is due, and what the last time found.
alter table databases add column next_drill_at timestamptz;
alter table databases add column last_drill jsonb;
create index databases_next_drill on databases (next_drill_at) where next_drill_at is not null;
-- Databases from before: every Sunday at an hour of their own, not all of them in the first one.
update databases set
  backup = backup || jsonb_build_object('drillSchedule', format('%s %s * * 0', get_byte(uuid_send(id), 1) % 60, 6 + get_byte(uuid_send(id), 2) % 12)),
  next_drill_at = now() + random() * interval '7 days'
where backup is not null;
