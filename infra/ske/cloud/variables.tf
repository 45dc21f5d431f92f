variable "region" {
  description = "STACKIT region of everything."
  type        = string
  default     = "eu01"
  validation {
    condition     = can(regex("^[a-z]{2}[0-9]{2}$", var.region))
    error_message = "region must be a STACKIT region such as eu01; a zone such as eu01-1 belongs into node_pools."
  }
}

variable "parent_container_id" {
  description = "Organization or folder that the project is made in: its container id, or its UUID."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{2,}$", var.parent_container_id))
    error_message = "parent_container_id is the container id of your organization or folder; the portal shows it in its settings."
  }
}

variable "owner_email" {
  description = "Owner of the project. STACKIT reads it only when the project is made."
  type        = string
  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.owner_email))
    error_message = "owner_email must be the e-mail address of an existing STACKIT account."
  }
}

variable "name" {
  description = "Name of the project, the zone and the credentials."
  type        = string
  default     = "howdah"
  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$", var.name))
    error_message = "name: at most 40 of a-z, 0-9 and -, beginning with a letter and not ending with -."
  }
}

variable "cluster_name" {
  description = "Name of the SKE cluster."
  type        = string
  default     = "howdah"
  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,9}[a-z0-9])?$", var.cluster_name))
    error_message = "cluster_name: SKE takes at most 11 of a-z, 0-9 and -, beginning with a letter and not ending with -."
  }
}

variable "kubernetes_version_min" {
  description = "Lowest Kubernetes version. SKE takes the newest patch, and goes further by itself in the maintenance window."
  type        = string
  default     = null
  validation {
    condition     = var.kubernetes_version_min == null || can(regex("^1\\.[0-9]+(\\.[0-9]+)?$", var.kubernetes_version_min))
    error_message = "kubernetes_version_min must look like 1.34 or 1.34.2, without a v; `stackit ske options kubernetes-versions` shows what there is."
  }
}

variable "network_id" {
  description = "Network of a STACKIT Network Area to put the cluster into. Null: SKE makes one."
  type        = string
  default     = null
}

# A list, because the provider compares pools by their place: put new ones at the end.
variable "node_pools" {
  description = "Pools of nodes. SKE's own components need one that admits them."
  type = list(object({
    name                    = string
    machine_type            = string
    minimum                 = number
    maximum                 = number
    availability_zones      = list(string)
    max_surge               = optional(number)
    volume_type             = optional(string, "storage_premium_perf4")
    volume_size             = optional(number, 50)
    allow_system_components = optional(bool, true)
    labels                  = optional(map(string), {})
    taints = optional(list(object({
      key    = string
      value  = optional(string)
      effect = string
    })), [])
  }))
  validation {
    condition     = length(var.node_pools) > 0 && length(distinct(var.node_pools[*].name)) == length(var.node_pools)
    error_message = "node_pools: at least one, each with a name of its own (SKE finds a pool by its name)."
  }
  validation {
    condition     = alltrue([for pool in var.node_pools : can(regex("^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$", pool.name))])
    error_message = "node_pools: a name is at most 15 of a-z, 0-9 and -, beginning with a letter and not ending with -."
  }
  validation {
    condition     = alltrue([for pool in var.node_pools : pool.minimum >= 1 && pool.minimum <= pool.maximum && pool.maximum <= 100])
    error_message = "node_pools: 1 <= minimum <= maximum <= 100."
  }
  validation {
    condition     = alltrue([for pool in var.node_pools : length(pool.availability_zones) > 0 && length(distinct(pool.availability_zones)) == length(pool.availability_zones)])
    error_message = "node_pools: at least one availability zone, none of them twice."
  }
  validation {
    condition     = alltrue([for pool in var.node_pools : pool.minimum >= length(pool.availability_zones)])
    error_message = "node_pools: minimum is smaller than the number of zones, so that a zone would have no node and a volume there none to be attached to."
  }
  validation {
    condition     = alltrue([for pool in var.node_pools : coalesce(pool.max_surge, length(pool.availability_zones)) >= length(pool.availability_zones)])
    error_message = "node_pools: max_surge must be at least the number of availability zones; SKE refuses less."
  }
  validation {
    condition     = alltrue([for pool in var.node_pools : pool.volume_size >= 20])
    error_message = "node_pools: volume_size is in GB, at least 20."
  }
  validation {
    condition     = anytrue([for pool in var.node_pools : pool.allow_system_components])
    error_message = "node_pools: SKE needs one pool with allow_system_components, otherwise the cluster never becomes healthy."
  }
  validation {
    condition     = alltrue(flatten([for pool in var.node_pools : [for taint in pool.taints : contains(["NoSchedule", "PreferNoSchedule", "NoExecute"], taint.effect)]]))
    error_message = "node_pools: a taint's effect is NoSchedule, PreferNoSchedule or NoExecute."
  }
}

variable "maintenance" {
  description = "When SKE may update Kubernetes and the nodes' images. Every node is replaced then, and every database switched over."
  type = object({
    start              = optional(string, "01:00:00Z")
    end                = optional(string, "03:00:00Z")
    kubernetes_updates = optional(bool, true)
    image_updates      = optional(bool, true)
  })
  default = {}
  validation {
    condition     = alltrue([for time in [var.maintenance.start, var.maintenance.end] : can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-][0-9]{2}:[0-9]{2})$", time))])
    error_message = "maintenance: times look like 01:00:00Z or 03:00:00+02:00."
  }
  validation {
    condition     = var.maintenance.start != var.maintenance.end
    error_message = "maintenance: start and end are the same, so the window is empty."
  }
}

variable "admin_cidrs" {
  description = "Who may reach the Kubernetes API."
  type        = list(string)
  validation {
    condition     = length(var.admin_cidrs) > 0
    error_message = "admin_cidrs is empty: nobody, not even you, could reach the cluster."
  }
  validation {
    condition     = alltrue([for cidr in var.admin_cidrs : can(cidrhost(cidr, 0))])
    error_message = "admin_cidrs must be networks, such as 198.51.100.7/32 for one address."
  }
  validation {
    condition     = alltrue([for cidr in var.admin_cidrs : !endswith(cidr, "/0")])
    error_message = "admin_cidrs would open the Kubernetes API to the whole internet; name the networks you administer from."
  }
}

variable "dns_name" {
  description = "Zone that databases get their names in: your own domain, or a name below runs.onstackit.cloud."
  type        = string
  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.dns_name))
    error_message = "dns_name must be a domain in small letters without a final dot, such as db.example.com."
  }
  validation {
    condition     = !contains(["runs.onstackit.cloud", "onstackit.cloud", "stackit.cloud"], var.dns_name)
    error_message = "dns_name is STACKIT's own zone; put a name of yours in front, such as acme.runs.onstackit.cloud."
  }
}

variable "bucket_name" {
  description = "Bucket for base backups and WAL. The name is unique in the whole region, not only in your project."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name: 3 to 63 of a-z, 0-9 and -, without a dot (TLS names of buckets with dots do not match their certificate)."
  }
}

variable "backup_credential_expires" {
  description = "When the key for backups ends, in UTC. Renew it before: a database that cannot archive WAL keeps it until its disk is full."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", var.backup_credential_expires)) && can(timeadd(var.backup_credential_expires, "0s"))
    error_message = "backup_credential_expires must be a time in UTC without fractions, such as 2027-06-30T00:00:00Z."
  }
}

variable "observability_instance_id" {
  description = "STACKIT Observability instance that the cluster reports to. Null: none."
  type        = string
  default     = null
}
