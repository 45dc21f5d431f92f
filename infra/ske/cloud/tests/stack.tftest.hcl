mock_provider "stackit" {
  # The others take nothing but a UUID, which OpenTofu's mocks do not make.
  mock_resource "stackit_resourcemanager_project" {
    defaults = {
      project_id = "3f1c2a80-5b8e-4c7e-9f57-0d6a2f0e4b11"
    }
  }
  mock_resource "stackit_objectstorage_credentials_group" {
    defaults = {
      credentials_group_id = "a8d0f7c2-61c3-4d0b-8a35-7f0c5d1b9e42"
    }
  }
}

variables {
  parent_container_id       = "acme-a1b2c3d4"
  owner_email               = "platform@example.com"
  admin_cidrs               = ["198.51.100.7/32"]
  dns_name                  = "acme.runs.onstackit.cloud"
  bucket_name               = "acme-howdah-backups"
  backup_credential_expires = "2099-06-30T00:00:00Z"
  node_pools = [
    { name = "databases", machine_type = "g1.3", minimum = 3, maximum = 6, availability_zones = ["eu01-1", "eu01-2", "eu01-3"] },
  ]
}

run "the_cluster_is_closed_but_for_administrators" {
  command = plan
  assert {
    condition     = stackit_ske_cluster.howdah.extensions.acl.enabled && stackit_ske_cluster.howdah.extensions.acl.allowed_cidrs == tolist(["198.51.100.7/32"])
    error_message = "Somebody else than the administrators reaches the API."
  }
}

run "nodes_are_replaced_a_zone_at_a_time" {
  command = plan
  assert {
    condition     = stackit_ske_cluster.howdah.node_pools[0].max_surge == 3
    error_message = "max_surge must follow the number of zones."
  }
}

run "names_of_databases_are_in_the_zone_that_is_made" {
  command = plan
  assert {
    condition     = stackit_ske_cluster.howdah.extensions.dns.zones == tolist([stackit_dns_zone.databases.dns_name])
    error_message = "The cluster may write into another zone than its own."
  }
}

run "the_key_for_backups_ends" {
  command = plan
  assert {
    condition     = stackit_objectstorage_credential.backups.expiration_timestamp == "2099-06-30T00:00:00Z"
    error_message = "A key that never ends is never renewed."
  }
}
