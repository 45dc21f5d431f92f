# Helm is run as the program that everybody has who installs charts. A provider would do the same, and bring its own copy of
# Helm, the cluster's credentials in its configuration, and one more version to keep in step.
locals {
  charts = "https://argoproj.github.io/argo-helm"

  releases = {
    argocd = {
      chart   = "argo-cd"
      version = "9.1.0"
      values = yamlencode({
        # Nobody signs in: the cluster is read with kubectl, and changed with git.
        dex           = { enabled = false }
        notifications = { enabled = false }
      })
    }
    # The root application makes all the others, and itself from now on: after this, a change is a commit.
    root = {
      chart   = "argocd-apps"
      version = "2.0.2"
      values = yamlencode({
        applications = {
          root = {
            namespace   = "argocd"
            project     = "default"
            source      = { repoURL = var.repository, targetRevision = var.revision, path = var.path }
            destination = { server = "https://kubernetes.default.svc", namespace = "argocd" }
            syncPolicy  = { automated = { prune = true, selfHeal = true } }
          }
        }
      })
    }
  }
}

resource "terraform_data" "argocd" {
  triggers_replace = local.releases.argocd

  provisioner "local-exec" {
    command = "printf %s \"$VALUES\" | helm upgrade --install argocd ${local.releases.argocd.chart} --repo ${local.charts} --version ${local.releases.argocd.version} --namespace argocd --create-namespace --wait --timeout 10m --values -"
    environment = {
      KUBECONFIG = var.kubeconfig
      VALUES     = local.releases.argocd.values
    }
  }
}

resource "terraform_data" "root" {
  triggers_replace = local.releases.root
  depends_on       = [terraform_data.argocd]

  provisioner "local-exec" {
    command = "printf %s \"$VALUES\" | helm upgrade --install root ${local.releases.root.chart} --repo ${local.charts} --version ${local.releases.root.version} --namespace argocd --wait --timeout 5m --values -"
    environment = {
      KUBECONFIG = var.kubeconfig
      VALUES     = local.releases.root.values
    }
  }
}
