-- When changes begin that wait for a quiet hour.
alter table databases add column maintenance_window jsonb not null default '{"days": ["sunday"], "start": "03:00", "durationMinutes": 60, "timeZone": "UTC"}';
-- Databases from before: each at an hour of its own.
update databases set maintenance_window = maintenance_window || jsonb_build_object(
  'days', jsonb_build_array((array['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'])[1 + get_byte(uuid_send(id), 3) % 7]),
  'start', format('0%s:00', 1 + get_byte(uuid_send(id), 4) % 5));
-- The change that waits: at most one of each database, an operation in the phase `scheduled`, with what was asked for.
alter table databases add column scheduled_operation_id uuid;
alter table operations add column not_before timestamptz;
alter table operations add column scheduled_update jsonb;
create unique index operations_scheduled on operations (database_id) where phase = 'scheduled';
create index operations_not_before on operations (not_before) where phase = 'scheduled';
