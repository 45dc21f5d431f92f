mock_provider "openstack" {}

variables {
  name                = "test"
  image               = "debian-12"
  public_key          = "ssh-ed25519 AAAA you"
  server_group_policy = "anti-affinity"
  with_floating_ip    = ["control-plane-1"]
  network             = { network_id = "network", subnet_id = "subnet", floating_ip_pool = "public", router_interface_id = "interface" }
  security_groups     = { control_plane = ["nodes", "ssh", "api"], worker = ["nodes", "ssh"] }
  nodes = {
    control-plane-1 = { role = "control_plane", flavor = "m1.medium", address = "10.50.0.11", pod_subnet = "10.60.1.0/24" }
    worker-1        = { role = "worker", flavor = "m1.large", address = "10.50.0.101", pod_subnet = "10.60.11.0/24" }
  }
}

run "a_port_has_its_address_the_groups_of_its_role_and_sends_for_its_pods_only" {
  assert {
    condition     = openstack_networking_port_v2.node["worker-1"].fixed_ip[0].ip_address == "10.50.0.101" && toset(openstack_networking_port_v2.node["worker-1"].security_group_ids) == toset(["nodes", "ssh"])
    error_message = "The worker's port is not the worker's."
  }
  assert {
    condition     = [for pair in openstack_networking_port_v2.node["worker-1"].allowed_address_pairs : pair.ip_address] == ["10.60.11.0/24"]
    error_message = "The port may send for somebody else than its pods."
  }
}

run "the_roles_have_server_groups_of_their_own" {
  assert {
    condition     = [for role in ["control_plane", "worker"] : join(",", openstack_compute_servergroup_v2.role[role].policies)] == ["anti-affinity", "anti-affinity"]
    error_message = "A role has no server group with the policy that was asked for."
  }
}

run "who_has_no_floating_ip_costs_none" {
  assert {
    condition     = keys(openstack_networking_floatingip_v2.node) == ["control-plane-1"]
    error_message = "A floating IP too many."
  }
}

run "what_a_node_is_told_holds_no_secret" {
  assert {
    condition     = toset(keys(yamldecode(openstack_compute_instance_v2.node["worker-1"].user_data))) == toset(["hostname", "manage_etc_hosts", "preserve_hostname", "ssh_pwauth"])
    error_message = "User data is readable by every process on the node: it may hold no more than the host's name."
  }
}
