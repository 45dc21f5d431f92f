# What is open, and to whom: everything else stays closed, because a group lets in only what its rules say.
mock_provider "openstack" {}

# OpenTofu's mocks give every group the same id.
override_resource {
  target = openstack_networking_secgroup_v2.nodes
  values = { id = "nodes" }
}
override_resource {
  target = openstack_networking_secgroup_v2.ssh
  values = { id = "ssh" }
}
override_resource {
  target = openstack_networking_secgroup_v2.api
  values = { id = "api" }
}
override_resource {
  target = openstack_networking_secgroup_v2.open
  values = { id = "open" }
}

variables {
  name        = "test"
  admin_cidrs = ["198.51.100.7/32", "192.0.2.0/24"]
  open_ports  = {}
}

run "administrators_reach_ssh_and_the_api_and_nobody_else_does" {
  assert {
    condition     = toset([for rule in openstack_networking_secgroup_rule_v2.ssh : "${rule.direction} ${rule.protocol} ${rule.port_range_min}-${rule.port_range_max} ${rule.remote_ip_prefix}"]) == toset(["ingress tcp 22-22 198.51.100.7/32", "ingress tcp 22-22 192.0.2.0/24"])
    error_message = "ssh is open to somebody else, or closed to an administrator."
  }
  assert {
    condition     = toset([for rule in openstack_networking_secgroup_rule_v2.api : "${rule.direction} ${rule.protocol} ${rule.port_range_min}-${rule.port_range_max} ${rule.remote_ip_prefix}"]) == toset(["ingress tcp 6443-6443 198.51.100.7/32", "ingress tcp 6443-6443 192.0.2.0/24"])
    error_message = "The API is open to somebody else, or closed to an administrator."
  }
  assert {
    condition     = length(openstack_networking_secgroup_rule_v2.open) == 0
    error_message = "A port is open that nobody asked for."
  }
}

run "nodes_talk_to_nodes_by_group_and_not_by_address" {
  assert {
    condition     = openstack_networking_secgroup_rule_v2.nodes.remote_group_id == openstack_networking_secgroup_v2.nodes.id
    error_message = "Nodes must reach each other through their group."
  }
}

run "the_api_is_open_on_the_control_plane_only" {
  assert {
    condition     = contains(output.groups.control_plane, openstack_networking_secgroup_v2.api.id) && !contains(output.groups.worker, openstack_networking_secgroup_v2.api.id)
    error_message = "A worker has the API's group, or the control plane has not."
  }
}

run "clients_reach_the_ports_that_were_opened_on_workers_only" {
  variables {
    open_ports = { postgresql = { from = 30000, to = 30100, cidrs = ["203.0.113.0/24"] } }
  }
  assert {
    condition     = [for rule in openstack_networking_secgroup_rule_v2.open : "${rule.port_range_min}-${rule.port_range_max} ${rule.remote_ip_prefix}"] == ["30000-30100 203.0.113.0/24"]
    error_message = "The rule is not what was asked for."
  }
  assert {
    condition     = !contains(output.groups.control_plane, openstack_networking_secgroup_v2.open.id)
    error_message = "The control plane is open to clients."
  }
}
