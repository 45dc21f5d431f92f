parent_container_id       = "acme-a1b2c3d4"
owner_email               = "platform@example.com"
admin_cidrs               = ["198.51.100.7/32"]
dns_name                  = "acme.runs.onstackit.cloud"
bucket_name               = "acme-howdah-backups"
backup_credential_expires = "2027-06-30T00:00:00Z"

node_pools = [
  {
    name               = "databases"
    machine_type       = "g1.3"
    minimum            = 3
    maximum            = 6
    availability_zones = ["eu01-1", "eu01-2", "eu01-3"]
  },
]
