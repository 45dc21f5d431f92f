terraform {
  required_version = ">= 1.11"
  required_providers {
    stackit = {
      source  = "stackitcloud/stackit"
      version = ">= 0.75.0, < 1.0.0"
    }
  }
}

# The key comes from STACKIT_SERVICE_ACCOUNT_KEY_PATH: no credential is a variable, so none is in a state.
provider "stackit" {
  default_region = var.region
}
