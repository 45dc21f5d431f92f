# Every value that somebody may get wrong is refused before anything is asked of a cloud, by the variable that it is in.
mock_provider "openstack" {}

variables {
  external_network = "public"
  image            = "debian-12"
  public_key       = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIrYAPiqYX3zAqX6p7S0Q3hjW6E9g2XwqK0pXb6f2nGM you"
  admin_cidrs      = ["198.51.100.7/32"]
  control_plane    = { flavor = "m1.medium" }
  workers          = { flavor = "m1.large" }
}

run "a_name_that_cannot_be_a_host_name" {
  command         = plan
  expect_failures = [var.name]
  variables {
    name = "Howdah_1"
  }
}

run "a_name_that_is_too_long" {
  command         = plan
  expect_failures = [var.name]
  variables {
    name = "a123456789012345678901234567890"
  }
}

run "no_external_network" {
  command         = plan
  expect_failures = [var.external_network]
  variables {
    external_network = " "
  }
}

run "a_cidr_that_is_no_network" {
  command         = plan
  expect_failures = [var.cidr]
  variables {
    cidr = "10.50.0.0"
  }
}

run "a_cidr_with_host_bits" {
  command         = plan
  expect_failures = [var.cidr]
  variables {
    cidr = "10.50.0.7/24"
  }
}

run "a_cidr_too_small_for_the_nodes" {
  command         = plan
  expect_failures = [var.cidr]
  variables {
    cidr = "10.50.0.0/26"
  }
}

run "an_ipv6_cidr" {
  command         = plan
  expect_failures = [var.cidr]
  variables {
    cidr = "fd00::/64"
  }
}

run "a_pod_cidr_too_small_for_a_24_each" {
  command         = plan
  expect_failures = [var.pod_cidr]
  variables {
    pod_cidr = "10.60.0.0/22"
  }
}

run "a_pod_cidr_with_host_bits" {
  command         = plan
  expect_failures = [var.pod_cidr]
  variables {
    pod_cidr = "10.60.1.0/16"
  }
}

run "a_name_server_that_is_a_name" {
  command         = plan
  expect_failures = [var.dns_servers]
  variables {
    dns_servers = ["dns.example.com"]
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

run "a_range_of_ports_that_runs_backwards" {
  command         = plan
  expect_failures = [var.open_ports]
  variables {
    open_ports = { postgresql = { from = 5433, to = 5432, cidrs = ["0.0.0.0/0"] } }
  }
}

run "a_port_that_does_not_exist" {
  command         = plan
  expect_failures = [var.open_ports]
  variables {
    open_ports = { postgresql = { from = 70000, to = 70000, cidrs = ["0.0.0.0/0"] } }
  }
}

run "an_open_port_for_something_that_is_no_network" {
  command         = plan
  expect_failures = [var.open_ports]
  variables {
    open_ports = { postgresql = { from = 5432, to = 5432, cidrs = ["everybody"] } }
  }
}

run "no_image" {
  command         = plan
  expect_failures = [var.image]
  variables {
    image = ""
  }
}

run "root_as_the_account" {
  command         = plan
  expect_failures = [var.user]
  variables {
    user = "root"
  }
}

run "a_private_key_as_the_public_one" {
  command         = plan
  expect_failures = [var.public_key]
  variables {
    public_key = "-----BEGIN OPENSSH PRIVATE KEY-----"
  }
}

run "two_control_plane_nodes" {
  command         = plan
  expect_failures = [var.control_plane]
  variables {
    control_plane = { count = 2, flavor = "m1.medium" }
  }
}

run "a_control_plane_without_a_flavor" {
  command         = plan
  expect_failures = [var.control_plane]
  variables {
    control_plane = { flavor = "" }
  }
}

run "no_worker" {
  command         = plan
  expect_failures = [var.workers]
  variables {
    workers = { count = 0, flavor = "m1.large" }
  }
}

run "half_a_worker" {
  command         = plan
  expect_failures = [var.workers]
  variables {
    workers = { count = 1.5, flavor = "m1.large" }
  }
}

run "workers_without_a_flavor" {
  command         = plan
  expect_failures = [var.workers]
  variables {
    workers = { flavor = "" }
  }
}

run "floating_ips_for_nobody_we_know" {
  command         = plan
  expect_failures = [var.floating_ips]
  variables {
    floating_ips = "workers"
  }
}

run "a_policy_that_puts_nodes_together" {
  command         = plan
  expect_failures = [var.server_group_policy]
  variables {
    server_group_policy = "affinity"
  }
}

run "pods_where_nodes_are" {
  command         = plan
  expect_failures = [terraform_data.layout]
  variables {
    cidr     = "10.60.4.0/24"
    pod_cidr = "10.60.0.0/16"
  }
}
