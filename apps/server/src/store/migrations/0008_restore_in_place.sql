-- What an operation restores in place, or which operation it undoes.
alter table operations add column restore jsonb;
