resource "stackit_resourcemanager_project" "howdah" {
  parent_container_id = var.parent_container_id
  name                = var.name
  owner_email         = var.owner_email

  lifecycle {
    # Destroying the project destroys the backups in it. `terraform state rm` and the portal are the way for who means it.
    prevent_destroy = true
    # Read only when the project is made; another value later would show up in every plan.
    ignore_changes = [owner_email]
  }
}

locals {
  project_id = stackit_resourcemanager_project.howdah.project_id
}
