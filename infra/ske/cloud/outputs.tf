output "project_id" {
  value = local.project_id
}

# A kubeconfig of the provider's resource would be an admin's key in the state; this one is in nobody's state and ends by itself.
output "kubeconfig_command" {
  description = "Writes a kubeconfig that ends after an hour."
  value       = "stackit ske kubeconfig create ${stackit_ske_cluster.howdah.name} --project-id ${local.project_id} --region ${var.region} --expiration 1h --filepath kubeconfig"
}

output "kubernetes_version" {
  value = stackit_ske_cluster.howdah.kubernetes_version_used
}

output "egress_address_ranges" {
  description = "Where traffic from the cluster comes from, for the allow lists of others."
  value       = stackit_ske_cluster.howdah.egress_address_ranges
}

output "name_server" {
  description = "Delegate your domain to it, unless the zone is below runs.onstackit.cloud."
  value       = stackit_dns_zone.databases.primary_name_server
}

output "backups" {
  description = "For the Secret that CloudNativePG's backup plugin reads. The key is in the state, because Terraform makes it: keep the state as you keep the key."
  sensitive   = true
  value = {
    bucket            = stackit_objectstorage_bucket.backups.name
    endpoint          = "https://object.storage.${var.region}.onstackit.cloud"
    access_key        = stackit_objectstorage_credential.backups.access_key
    secret_access_key = stackit_objectstorage_credential.backups.secret_access_key
  }
}
