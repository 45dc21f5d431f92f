variable "name" {
  type = string
}

variable "nodes" {
  type = map(object({
    role       = string
    flavor     = string
    address    = string
    pod_subnet = string
  }))
}

variable "image" {
  type = string
}

variable "public_key" {
  type = string
}

variable "server_group_policy" {
  type = string
}

variable "network" {
  description = "The network module's outputs."
  type = object({
    network_id          = string
    subnet_id           = string
    floating_ip_pool    = string
    router_interface_id = string
  })
}

variable "security_groups" {
  description = "Role => ids of its security groups."
  type        = map(list(string))
}

variable "with_floating_ip" {
  description = "Names of the nodes that get a floating IP."
  type        = set(string)
}
