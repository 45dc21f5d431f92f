data "openstack_networking_network_v2" "external" {
  name     = var.external_network
  external = true
}

resource "openstack_networking_network_v2" "nodes" {
  name           = var.name
  admin_state_up = true
}

resource "openstack_networking_subnet_v2" "nodes" {
  name            = var.name
  network_id      = openstack_networking_network_v2.nodes.id
  cidr            = var.cidr
  ip_version      = 4
  dns_nameservers = var.dns_servers
}

resource "openstack_networking_router_v2" "nodes" {
  name                = var.name
  external_network_id = data.openstack_networking_network_v2.external.id
}

resource "openstack_networking_router_interface_v2" "nodes" {
  router_id = openstack_networking_router_v2.nodes.id
  subnet_id = openstack_networking_subnet_v2.nodes.id
}
