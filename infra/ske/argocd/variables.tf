variable "repository" {
  description = "Git repository with the applications, without a password in it."
  type        = string
  validation {
    condition     = can(regex("^(https://[^@/\\s]+/\\S+|ssh://\\S+|git@\\S+:\\S+)$", var.repository))
    error_message = "repository must be an https:// or ssh address without a user or password; credentials go into Argo CD, not into a state."
  }
}

variable "revision" {
  description = "Branch, tag or commit that the cluster follows."
  type        = string
  default     = "main"
  validation {
    condition     = trimspace(var.revision) != ""
    error_message = "revision is empty; name a branch, a tag or a commit."
  }
}

variable "path" {
  description = "Folder in it with the applications of this cluster."
  type        = string
  default     = "deploy/gitops"
  validation {
    condition     = !startswith(var.path, "/") && !contains(split("/", var.path), "..")
    error_message = "path is a folder in the repository, such as deploy/gitops."
  }
}

variable "kubeconfig" {
  description = "The short-lived kubeconfig that the other root's kubeconfig_command writes."
  type        = string
  default     = "kubeconfig"
  validation {
    condition     = fileexists(var.kubeconfig)
    error_message = "There is no such kubeconfig; run the command that `terraform output -raw kubeconfig_command` of ../cloud prints."
  }
}
