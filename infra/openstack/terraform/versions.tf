terraform {
  required_version = ">= 1.11"
  required_providers {
    openstack = {
      source  = "terraform-provider-openstack/openstack"
      version = ">= 1.54.1, < 4.0.0"
    }
  }
}

# Everything comes from OS_CLOUD and clouds.yaml, or from OS_* in the environment: no credential is a variable, so none is in a state.
provider "openstack" {}
