data "openstack_images_image_v2" "node" {
  name        = var.image
  most_recent = true
}

data "openstack_compute_flavor_v2" "node" {
  for_each = toset([for node in var.nodes : node.flavor])
  name     = each.key
}

resource "openstack_compute_keypair_v2" "admin" {
  name       = var.name
  public_key = var.public_key
}

# One group for each role: what must not fall together is the control plane with itself.
resource "openstack_compute_servergroup_v2" "role" {
  for_each = toset([for node in var.nodes : node.role])
  name     = "${var.name}-${replace(each.key, "_", "-")}"
  policies = [var.server_group_policy]
}

resource "openstack_networking_port_v2" "node" {
  for_each           = var.nodes
  name               = "${var.name}-${each.key}"
  network_id         = var.network.network_id
  security_group_ids = var.security_groups[each.value.role]
  fixed_ip {
    subnet_id  = var.network.subnet_id
    ip_address = each.value.address
  }
  # Port security drops what does not come from the port's own address; pods have addresses of their own.
  allowed_address_pairs {
    ip_address = each.value.pod_subnet
  }
}

resource "openstack_compute_instance_v2" "node" {
  for_each  = var.nodes
  name      = "${var.name}-${each.key}"
  image_id  = data.openstack_images_image_v2.node.id
  flavor_id = data.openstack_compute_flavor_v2.node[each.value.flavor].id
  key_pair  = openstack_compute_keypair_v2.admin.name
  user_data = templatefile("${path.module}/user-data.yaml.tftpl", { hostname = each.key })

  network {
    port = openstack_networking_port_v2.node[each.key].id
  }
  scheduler_hints {
    group = openstack_compute_servergroup_v2.role[each.value.role].id
  }
  timeouts {
    create = "10m"
    delete = "10m"
  }
  lifecycle {
    # A newer image of the same name must not replace every node at once. `-replace` replaces one, and takes the new image.
    ignore_changes = [image_id, user_data]
  }
}

resource "openstack_networking_floatingip_v2" "node" {
  for_each    = var.with_floating_ip
  pool        = var.network.floating_ip_pool
  description = "${var.name}-${each.key}"
}

resource "terraform_data" "router_interface" {
  input = var.network.router_interface_id
}

resource "openstack_networking_floatingip_associate_v2" "node" {
  for_each    = var.with_floating_ip
  floating_ip = openstack_networking_floatingip_v2.node[each.key].address
  port_id     = openstack_networking_port_v2.node[each.key].id
  # Orders the destroy as well: the router's interface cannot go while an address needs it.
  depends_on = [terraform_data.router_interface]
}
