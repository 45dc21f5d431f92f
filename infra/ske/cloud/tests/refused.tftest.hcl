# What people get wrong is refused, or warned about, before STACKIT is asked for anything.
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

run "a_zone_for_a_region" {
  command         = plan
  expect_failures = [var.region]
  variables {
    region = "eu01-1"
  }
}

run "a_parent_with_a_blank" {
  command         = plan
  expect_failures = [var.parent_container_id]
  variables {
    parent_container_id = "my organization"
  }
}

run "an_owner_without_an_address" {
  command         = plan
  expect_failures = [var.owner_email]
  variables {
    owner_email = "platform"
  }
}

run "a_name_with_an_underscore" {
  command         = plan
  expect_failures = [var.name]
  variables {
    name = "how_dah"
  }
}

run "a_cluster_name_that_ske_finds_too_long" {
  command         = plan
  expect_failures = [var.cluster_name]
  variables {
    cluster_name = "howdah-production"
  }
}

run "a_version_with_a_v" {
  command         = plan
  expect_failures = [var.kubernetes_version_min]
  variables {
    kubernetes_version_min = "v1.34"
  }
}

run "no_pool" {
  command         = plan
  expect_failures = [var.node_pools]
  variables {
    node_pools = []
  }
}

run "two_pools_of_one_name" {
  command         = plan
  expect_failures = [var.node_pools]
  variables {
    node_pools = [{ name = "databases", machine_type = "g1.3", minimum = 3, maximum = 6, availability_zones = ["eu01-1", "eu01-2", "eu01-3"] }, { name = "databases", machine_type = "g1.3", minimum = 3, maximum = 6, availability_zones = ["eu01-1", "eu01-2", "eu01-3"] }]
  }
}

run "a_pool_name_in_capitals" {
  command         = plan
  expect_failures = [var.node_pools]
  variables {
    node_pools = [{ name = "Databases", machine_type = "g1.3", minimum = 3, maximum = 6, availability_zones = ["eu01-1", "eu01-2", "eu01-3"] }]
  }
}

run "a_pool_that_shrinks_as_it_grows" {
  command         = plan
  expect_failures = [var.node_pools]
  variables {
    node_pools = [{ name = "databases", machine_type = "g1.3", minimum = 3, maximum = 2, availability_zones = ["eu01-1", "eu01-2", "eu01-3"] }]
  }
}

run "a_pool_in_no_zone" {
  command         = plan
  expect_failures = [var.node_pools]
  variables {
    node_pools = [{ name = "databases", machine_type = "g1.3", minimum = 3, maximum = 6, availability_zones = [] }]
  }
}

run "a_zone_without_a_node" {
  command         = plan
  expect_failures = [var.node_pools]
  variables {
    node_pools = [{ name = "databases", machine_type = "g1.3", minimum = 2, maximum = 6, availability_zones = ["eu01-1", "eu01-2", "eu01-3"] }]
  }
}

run "a_surge_smaller_than_the_zones" {
  command         = plan
  expect_failures = [var.node_pools]
  variables {
    node_pools = [{ name = "databases", machine_type = "g1.3", minimum = 3, maximum = 6, availability_zones = ["eu01-1", "eu01-2", "eu01-3"], max_surge = 1 }]
  }
}

run "a_disk_too_small_for_the_system" {
  command         = plan
  expect_failures = [var.node_pools]
  variables {
    node_pools = [{ name = "databases", machine_type = "g1.3", minimum = 3, maximum = 6, availability_zones = ["eu01-1", "eu01-2", "eu01-3"], volume_size = 10 }]
  }
}

run "no_pool_for_the_system" {
  command         = plan
  expect_failures = [var.node_pools]
  variables {
    node_pools = [{ name = "databases", machine_type = "g1.3", minimum = 3, maximum = 6, availability_zones = ["eu01-1", "eu01-2", "eu01-3"], allow_system_components = false }]
  }
}

run "a_taint_that_does_nothing" {
  command         = plan
  expect_failures = [var.node_pools]
  variables {
    node_pools = [{ name = "databases", machine_type = "g1.3", minimum = 3, maximum = 6, availability_zones = ["eu01-1", "eu01-2", "eu01-3"], taints = [{ key = "databases", effect = "Never" }] }]
  }
}

run "a_zone_of_another_region" {
  command = plan
  expect_failures = [
    stackit_ske_cluster.howdah,
    check.databases_survive_a_zone,
  ]
  variables {
    node_pools = [{ name = "databases", machine_type = "g1.3", minimum = 3, maximum = 6, availability_zones = ["eu02-1"] }]
  }
}

run "a_window_without_seconds" {
  command         = plan
  expect_failures = [var.maintenance]
  variables {
    maintenance = { start = "01:00", end = "03:00" }
  }
}

run "an_empty_window" {
  command         = plan
  expect_failures = [var.maintenance]
  variables {
    maintenance = { start = "01:00:00Z", end = "01:00:00Z" }
  }
}

run "no_administrator" {
  command         = plan
  expect_failures = [var.admin_cidrs]
  variables {
    admin_cidrs = []
  }
}

run "an_administrator_without_a_prefix" {
  command         = plan
  expect_failures = [var.admin_cidrs]
  variables {
    admin_cidrs = ["198.51.100.7"]
  }
}

run "the_whole_internet_as_administrator" {
  command         = plan
  expect_failures = [var.admin_cidrs]
  variables {
    admin_cidrs = ["0.0.0.0/0"]
  }
}

run "a_zone_with_a_final_dot" {
  command         = plan
  expect_failures = [var.dns_name]
  variables {
    dns_name = "db.example.com."
  }
}

run "the_zone_of_stackit_itself" {
  command         = plan
  expect_failures = [var.dns_name]
  variables {
    dns_name = "runs.onstackit.cloud"
  }
}

run "a_bucket_with_a_dot" {
  command         = plan
  expect_failures = [var.bucket_name]
  variables {
    bucket_name = "acme.backups"
  }
}

run "an_expiry_that_is_no_time" {
  command         = plan
  expect_failures = [var.backup_credential_expires]
  variables {
    backup_credential_expires = "in a year"
  }
}

run "a_key_that_has_ended" {
  command = plan
  expect_failures = [
    stackit_objectstorage_credential.backups,
    check.the_backup_key_is_not_about_to_end,
  ]
  variables {
    backup_credential_expires = "2020-01-01T00:00:00Z"
  }
}

run "databases_in_one_zone" {
  command         = plan
  expect_failures = [check.databases_survive_a_zone]
  variables {
    node_pools = [{ name = "databases", machine_type = "g1.3", minimum = 3, maximum = 6, availability_zones = ["eu01-1"] }]
  }
}

run "updates_switched_off" {
  command         = plan
  expect_failures = [check.security_updates_arrive]
  variables {
    maintenance = { image_updates = false }
  }
}
