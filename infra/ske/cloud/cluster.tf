resource "stackit_ske_cluster" "howdah" {
  project_id             = local.project_id
  name                   = var.cluster_name
  kubernetes_version_min = var.kubernetes_version_min
  network                = var.network_id == null ? null : { id = var.network_id }

  node_pools = [for pool in var.node_pools : {
    name                    = pool.name
    machine_type            = pool.machine_type
    minimum                 = pool.minimum
    maximum                 = pool.maximum
    availability_zones      = pool.availability_zones
    max_surge               = coalesce(pool.max_surge, length(pool.availability_zones))
    volume_type             = pool.volume_type
    volume_size             = pool.volume_size
    allow_system_components = pool.allow_system_components
    labels                  = pool.labels
    taints                  = pool.taints
  }]

  maintenance = {
    start                                = var.maintenance.start
    end                                  = var.maintenance.end
    enable_kubernetes_version_updates    = var.maintenance.kubernetes_updates
    enable_machine_image_version_updates = var.maintenance.image_updates
  }

  extensions = {
    acl           = { enabled = true, allowed_cidrs = var.admin_cidrs }
    dns           = { enabled = true, zones = [stackit_dns_zone.databases.dns_name] }
    observability = var.observability_instance_id == null ? { enabled = false } : { enabled = true, instance_id = var.observability_instance_id }
  }

  lifecycle {
    precondition {
      condition     = alltrue(flatten([for pool in var.node_pools : [for zone in pool.availability_zones : startswith(zone, "${var.region}-")]]))
      error_message = "A node pool names a zone outside of region ${var.region}."
    }
  }
}
