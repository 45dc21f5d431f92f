resource "stackit_objectstorage_bucket" "backups" {
  project_id = local.project_id
  name       = var.bucket_name

  lifecycle {
    prevent_destroy = true
  }
}

# A group of its own: whoever has this key reaches the buckets of this group's policy, and nothing else of the project.
resource "stackit_objectstorage_credentials_group" "backups" {
  project_id = local.project_id
  name       = "${var.name}-backups"
}

resource "stackit_objectstorage_credential" "backups" {
  project_id           = local.project_id
  credentials_group_id = stackit_objectstorage_credentials_group.backups.credentials_group_id
  expiration_timestamp = var.backup_credential_expires

  lifecycle {
    # The new key is there before the old one goes, so archiving never pauses.
    create_before_destroy = true
    precondition {
      condition     = timecmp(var.backup_credential_expires, timeadd(plantimestamp(), "24h")) > 0
      error_message = "backup_credential_expires (${var.backup_credential_expires}) is over or less than a day away: archiving would stop."
    }
  }
}
