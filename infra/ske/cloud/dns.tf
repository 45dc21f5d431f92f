resource "stackit_dns_zone" "databases" {
  project_id    = local.project_id
  name          = var.name
  dns_name      = var.dns_name
  contact_email = var.owner_email
  type          = "primary"
  # Names of databases change hands; who looked one up keeps the old address for so long.
  default_ttl = 60
}
