output "floating_ips" {
  description = "Node => its address outside. Complete only when the addresses are bound."
  value       = module.nodes.floating_ips
}

output "nodes" {
  description = "Node => role, flavor, address inside, subnet of its pods."
  value       = local.nodes
}

# `terraform output -raw inventory`: no provider is needed to write a file.
output "inventory" {
  description = "For Ansible (infra/kubernetes)."
  value = yamlencode({
    all = {
      vars = {
        ansible_user = var.user
        pod_cidr     = var.pod_cidr
        node_cidr    = var.cidr
      }
      children = { for role in ["control_plane", "worker"] : role => {
        hosts = { for name, node in local.nodes : name => merge({
          ansible_host = lookup(module.nodes.floating_ips, name, node.address)
          node_address = node.address
          pod_subnet   = node.pod_subnet
          }, contains(keys(module.nodes.floating_ips), name) ? {} : {
          ansible_ssh_common_args = "-o ProxyJump=${var.user}@${module.nodes.floating_ips["control-plane-1"]}"
        }) if node.role == role }
      } }
    }
  })
}
