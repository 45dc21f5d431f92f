variable "name" {
  description = "Prefix of everything that is made."
  type        = string
  default     = "howdah"
  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$", var.name))
    error_message = "name becomes part of host names: at most 30 of a-z, 0-9 and -, beginning with a letter and not ending with -."
  }
}

variable "external_network" {
  description = "Name of the network that floating IPs come from."
  type        = string
  validation {
    condition     = trimspace(var.external_network) != ""
    error_message = "external_network is empty; `openstack network list --external` shows what there is."
  }
}

variable "cidr" {
  description = "Addresses of the nodes. The control plane has .11 and up, workers .101 and up."
  type        = string
  default     = "10.50.0.0/24"
  validation {
    condition     = can(cidrnetmask(var.cidr)) && try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0] && tonumber(split("/", var.cidr)[1]) <= 24, false)
    error_message = "cidr must be an IPv4 network of /24 or larger, written with its first address, such as 10.50.0.0/24."
  }
}

variable "pod_cidr" {
  description = "Addresses of the pods; every node gets a /24 of it. Pod traffic is routed, so no other network of yours may use it."
  type        = string
  default     = "10.60.0.0/16"
  validation {
    condition     = can(cidrnetmask(var.pod_cidr)) && try(cidrhost(var.pod_cidr, 0) == split("/", var.pod_cidr)[0] && tonumber(split("/", var.pod_cidr)[1]) <= 17, false)
    error_message = "pod_cidr must be an IPv4 network of /17 or larger (a /24 for each node), written with its first address, such as 10.60.0.0/16."
  }
}

variable "dns_servers" {
  description = "Name servers of the nodes. Empty: what the cloud's DHCP says."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for address in var.dns_servers : can(cidrnetmask("${address}/32"))])
    error_message = "dns_servers must be IPv4 addresses, such as 9.9.9.9."
  }
}

variable "admin_cidrs" {
  description = "Who may reach ssh and the Kubernetes API from outside."
  type        = list(string)
  validation {
    condition     = length(var.admin_cidrs) > 0
    error_message = "admin_cidrs is empty: nobody, not even you, could reach the nodes."
  }
  validation {
    condition     = alltrue([for cidr in var.admin_cidrs : can(cidrnetmask(cidr))])
    error_message = "admin_cidrs must be IPv4 networks, such as 198.51.100.7/32 for one address."
  }
  validation {
    condition     = alltrue([for cidr in var.admin_cidrs : !endswith(cidr, "/0")])
    error_message = "admin_cidrs would open ssh and the Kubernetes API to the whole internet; name the networks you administer from."
  }
}

variable "open_ports" {
  description = "What clients may reach on workers, such as node ports: name => ports and who may use them."
  type = map(object({
    from  = number
    to    = number
    cidrs = list(string)
  }))
  default = {}
  validation {
    condition     = alltrue([for range in values(var.open_ports) : range.from >= 1 && range.from <= range.to && range.to <= 65535])
    error_message = "open_ports: 1 <= from <= to <= 65535."
  }
  validation {
    condition     = alltrue(flatten([for range in values(var.open_ports) : [for cidr in range.cidrs : can(cidrnetmask(cidr))]]))
    error_message = "open_ports: cidrs must be IPv4 networks."
  }
}

variable "image" {
  description = "Name of the image of the nodes: Debian 12 or another with cloud-init and systemd."
  type        = string
  validation {
    condition     = trimspace(var.image) != ""
    error_message = "image is empty; `openstack image list` shows what there is."
  }
}

variable "user" {
  description = "Account that the image's cloud-init gives the key to."
  type        = string
  default     = "debian"
  validation {
    condition     = can(regex("^[a-z_][a-z0-9_-]*$", var.user)) && var.user != "root"
    error_message = "user must be an account of the image that may use sudo, such as debian; not root."
  }
}

variable "public_key" {
  description = "SSH public key of the administrator: the content of a .pub file."
  type        = string
  validation {
    condition     = can(regex("^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]+=*( .*)?$", trimspace(var.public_key)))
    error_message = "public_key must be one line of a .pub file, such as `ssh-ed25519 AAAA… you`. Never put a private key here."
  }
}

variable "control_plane" {
  description = "Nodes with etcd and the Kubernetes API."
  type = object({
    count  = optional(number, 1)
    flavor = string
  })
  validation {
    condition     = contains([1, 3, 5], var.control_plane.count)
    error_message = "control_plane.count must be 1, 3 or 5: etcd needs a majority, and an even number adds none."
  }
  validation {
    condition     = trimspace(var.control_plane.flavor) != ""
    error_message = "control_plane.flavor is empty; `openstack flavor list` shows what there is."
  }
}

variable "workers" {
  description = "Nodes that databases run on."
  type = object({
    count  = optional(number, 1)
    flavor = string
  })
  validation {
    condition     = var.workers.count >= 1 && var.workers.count <= 100 && floor(var.workers.count) == var.workers.count
    error_message = "workers.count must be a whole number from 1 to 100."
  }
  validation {
    condition     = trimspace(var.workers.flavor) != ""
    error_message = "workers.flavor is empty; `openstack flavor list` shows what there is."
  }
}

variable "floating_ips" {
  description = "Which nodes get an address of the external network. With `control-plane`, workers are reached through the first control plane node."
  type        = string
  default     = "all"
  validation {
    condition     = contains(["all", "control-plane"], var.floating_ips)
    error_message = "floating_ips must be `all` or `control-plane`."
  }
}

variable "server_group_policy" {
  description = "Whether nodes of one role may share a hypervisor. `anti-affinity` refuses the server for which there is no other one left."
  type        = string
  default     = "soft-anti-affinity"
  validation {
    condition     = contains(["anti-affinity", "soft-anti-affinity"], var.server_group_policy)
    error_message = "server_group_policy must be `anti-affinity` or `soft-anti-affinity`."
  }
}
