output "network_id" {
  value = openstack_networking_network_v2.nodes.id
}

output "subnet_id" {
  value = openstack_networking_subnet_v2.nodes.id
}

output "floating_ip_pool" {
  value = data.openstack_networking_network_v2.external.name
}

output "router_interface_id" {
  description = "A floating IP can be bound only once this is there, so whoever binds one waits for it."
  value       = openstack_networking_router_interface_v2.nodes.id
}
