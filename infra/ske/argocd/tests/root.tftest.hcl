variables {
  repository = "https://git.example.com/acme/platform.git"
  kubeconfig = "main.tf"
}

run "the_root_application_follows_what_was_named" {
  command = plan
  assert {
    condition     = yamldecode(terraform_data.root.triggers_replace.values).applications.root.source == { repoURL = "https://git.example.com/acme/platform.git", targetRevision = "main", path = "deploy/gitops" }
    error_message = "The root application does not follow the repository."
  }
  assert {
    condition     = yamldecode(terraform_data.root.triggers_replace.values).applications.root.syncPolicy.automated == { prune = true, selfHeal = true }
    error_message = "What is removed from git must go, and what is changed by hand must come back."
  }
}

run "a_password_in_the_address" {
  command         = plan
  expect_failures = [var.repository]
  variables {
    repository = "https://somebody:password@git.example.com/acme/platform.git"
  }
}

run "no_revision" {
  command         = plan
  expect_failures = [var.revision]
  variables {
    revision = " "
  }
}

run "a_path_out_of_the_repository" {
  command         = plan
  expect_failures = [var.path]
  variables {
    path = "../secrets"
  }
}

run "no_kubeconfig" {
  command         = plan
  expect_failures = [var.kubeconfig]
  variables {
    kubeconfig = "not/there"
  }
}
