mock_provider "openstack" {
  mock_resource "openstack_networking_floatingip_v2" {
    defaults = { address = "203.0.113.10" }
  }
}

variables {
  external_network = "public"
  image            = "debian-12"
  public_key       = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIrYAPiqYX3zAqX6p7S0Q3hjW6E9g2XwqK0pXb6f2nGM you"
  admin_cidrs      = ["198.51.100.7/32"]
  control_plane    = { flavor = "m1.medium" }
  workers          = { flavor = "m1.large" }
}

run "one_of_each" {
  assert {
    condition     = keys(output.nodes) == ["control-plane-1", "worker-1"]
    error_message = "The default is one control plane node and one worker, not ${join(", ", keys(output.nodes))}."
  }
  assert {
    condition     = yamldecode(output.inventory).all.children.worker.hosts["worker-1"].node_address == "10.50.0.101"
    error_message = "The inventory does not hold the worker's address."
  }
  assert {
    condition     = yamldecode(output.inventory).all.children.control_plane.hosts["control-plane-1"].ansible_host == "203.0.113.10"
    error_message = "The inventory does not reach the control plane through its floating IP."
  }
}

run "one_worker_more_changes_no_other_node" {
  variables {
    workers = { count = 2, flavor = "m1.large" }
  }
  assert {
    condition     = { for name, node in output.nodes : name => "${node.address} ${node.pod_subnet}" } == { control-plane-1 = "10.50.0.11 10.60.1.0/24", worker-1 = "10.50.0.101 10.60.11.0/24", worker-2 = "10.50.0.102 10.60.12.0/24" }
    error_message = "The nodes that were there already changed."
  }
}

run "another_control_plane_changes_no_worker" {
  variables {
    control_plane = { count = 3, flavor = "m1.medium" }
  }
  assert {
    condition     = output.nodes["worker-1"].address == "10.50.0.101" && output.nodes["worker-1"].pod_subnet == "10.60.11.0/24"
    error_message = "The worker changed."
  }
}

run "no_two_nodes_share_an_address_or_a_pod_subnet" {
  variables {
    control_plane = { count = 5, flavor = "m1.medium" }
    workers       = { count = 100, flavor = "m1.large" }
  }
  assert {
    condition     = length(distinct([for node in output.nodes : node.address])) == 105
    error_message = "Two nodes have one address."
  }
  assert {
    condition     = length(distinct([for node in output.nodes : node.pod_subnet])) == 105
    error_message = "Two nodes have one pod subnet."
  }
}

run "workers_without_a_floating_ip_are_reached_through_the_control_plane" {
  variables {
    floating_ips = "control-plane"
  }
  assert {
    condition     = keys(output.floating_ips) == ["control-plane-1"]
    error_message = "Somebody else than the control plane has a floating IP: ${join(", ", keys(output.floating_ips))}."
  }
  assert {
    condition     = yamldecode(output.inventory).all.children.worker.hosts["worker-1"].ansible_ssh_common_args == "-o ProxyJump=debian@203.0.113.10"
    error_message = "The inventory has no way to the worker."
  }
}
