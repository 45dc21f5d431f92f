# Warnings: what works, but not as somebody who runs databases expects.

check "databases_survive_a_zone" {
  assert {
    condition     = anytrue([for pool in var.node_pools : length(pool.availability_zones) >= 3])
    error_message = "No node pool spans three zones: a database with three instances can lose all of them with one zone."
  }
}

check "the_backup_key_is_not_about_to_end" {
  assert {
    condition     = timecmp(var.backup_credential_expires, timeadd(plantimestamp(), "720h")) > 0
    error_message = "The key for backups ends in less than 30 days; set backup_credential_expires further ahead and apply."
  }
}

check "security_updates_arrive" {
  assert {
    condition     = var.maintenance.image_updates && var.maintenance.kubernetes_updates
    error_message = "Automatic updates are off: nodes stay as they are until SKE forces an update, at a time that it chooses."
  }
}
