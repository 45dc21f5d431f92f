-- jsonb_path_ops cannot find the databases that have a label's key, whatever its value.
drop index databases_labels;
create index databases_labels on databases using gin (labels);
