output "groups" {
  description = "Role => its security groups. A new group lets everything out and, but for the rules here, nothing in."
  value = {
    control_plane = [
      openstack_networking_secgroup_v2.nodes.id,
      openstack_networking_secgroup_v2.ssh.id,
      openstack_networking_secgroup_v2.api.id,
    ]
    worker = [
      openstack_networking_secgroup_v2.nodes.id,
      openstack_networking_secgroup_v2.ssh.id,
      openstack_networking_secgroup_v2.open.id,
    ]
  }
}
