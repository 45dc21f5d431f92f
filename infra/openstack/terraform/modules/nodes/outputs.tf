output "floating_ips" {
  value = { for name, association in openstack_networking_floatingip_associate_v2.node : name => association.floating_ip }
}
