locals {
  # Numbers, not positions in a list, decide addresses: one worker more changes nothing for the others.
  control_plane = { for index in range(var.control_plane.count) : "control-plane-${index + 1}" => {
    role       = "control_plane"
    flavor     = var.control_plane.flavor
    address    = cidrhost(var.cidr, 11 + index)
    pod_subnet = cidrsubnet(var.pod_cidr, 24 - tonumber(split("/", var.pod_cidr)[1]), 1 + index)
  } }
  workers = { for index in range(var.workers.count) : "worker-${index + 1}" => {
    role       = "worker"
    flavor     = var.workers.flavor
    address    = cidrhost(var.cidr, 101 + index)
    pod_subnet = cidrsubnet(var.pod_cidr, 24 - tonumber(split("/", var.pod_cidr)[1]), 11 + index)
  } }
  nodes = merge(local.control_plane, local.workers)

  # Two networks overlap when they are the same one at the shorter of their prefixes.
  shorter      = min(tonumber(split("/", var.cidr)[1]), tonumber(split("/", var.pod_cidr)[1]))
  node_network = cidrhost("${split("/", var.cidr)[0]}/${local.shorter}", 0)
  pod_network  = cidrhost("${split("/", var.pod_cidr)[0]}/${local.shorter}", 0)
}

# What no single variable can be blamed for. A precondition, because OpenTofu has no validation across variables in every version we support.
resource "terraform_data" "layout" {
  lifecycle {
    precondition {
      condition     = local.node_network != local.pod_network
      error_message = "cidr (${var.cidr}) and pod_cidr (${var.pod_cidr}) overlap; the nodes could not tell a pod from a node."
    }
  }
}

module "network" {
  source           = "./modules/network"
  name             = var.name
  external_network = var.external_network
  cidr             = var.cidr
  dns_servers      = var.dns_servers
  depends_on       = [terraform_data.layout]
}

module "security" {
  source      = "./modules/security"
  name        = var.name
  admin_cidrs = var.admin_cidrs
  open_ports  = var.open_ports
}

module "nodes" {
  source              = "./modules/nodes"
  name                = var.name
  nodes               = local.nodes
  image               = var.image
  public_key          = trimspace(var.public_key)
  server_group_policy = var.server_group_policy
  network             = module.network
  security_groups     = module.security.groups
  with_floating_ip    = [for name, node in local.nodes : name if var.floating_ips == "all" || node.role == "control_plane"]
}
