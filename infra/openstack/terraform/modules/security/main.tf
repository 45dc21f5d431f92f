locals {
  open = merge([for name, range in var.open_ports : {
    for cidr in range.cidrs : "${name} ${cidr}" => { from = range.from, to = range.to, cidr = cidr }
  }]...)
}

# Everything between nodes, pods included: a group's rule covers the allowed address pairs of its ports, which hold the pod subnets.
resource "openstack_networking_secgroup_v2" "nodes" {
  name        = "${var.name}-nodes"
  description = "Between the nodes, and from their pods"
}

resource "openstack_networking_secgroup_rule_v2" "nodes" {
  security_group_id = openstack_networking_secgroup_v2.nodes.id
  direction         = "ingress"
  ethertype         = "IPv4"
  remote_group_id   = openstack_networking_secgroup_v2.nodes.id
}

resource "openstack_networking_secgroup_v2" "ssh" {
  name        = "${var.name}-ssh"
  description = "ssh from administrators"
}

resource "openstack_networking_secgroup_rule_v2" "ssh" {
  for_each          = toset(var.admin_cidrs)
  security_group_id = openstack_networking_secgroup_v2.ssh.id
  direction         = "ingress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  port_range_min    = 22
  port_range_max    = 22
  remote_ip_prefix  = each.key
}

resource "openstack_networking_secgroup_v2" "api" {
  name        = "${var.name}-api"
  description = "The Kubernetes API from administrators"
}

resource "openstack_networking_secgroup_rule_v2" "api" {
  for_each          = toset(var.admin_cidrs)
  security_group_id = openstack_networking_secgroup_v2.api.id
  direction         = "ingress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  port_range_min    = 6443
  port_range_max    = 6443
  remote_ip_prefix  = each.key
}

resource "openstack_networking_secgroup_v2" "open" {
  name        = "${var.name}-open"
  description = "What clients may reach on workers"
}

resource "openstack_networking_secgroup_rule_v2" "open" {
  for_each          = local.open
  security_group_id = openstack_networking_secgroup_v2.open.id
  direction         = "ingress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  port_range_min    = each.value.from
  port_range_max    = each.value.to
  remote_ip_prefix  = each.value.cidr
}
