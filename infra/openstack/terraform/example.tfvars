external_network = "public"
image            = "debian-12"
public_key       = "ssh-ed25519 ... you"
admin_cidrs      = ["198.51.100.7/32"]

control_plane = { count = 3, flavor = "m1.medium" }
workers       = { count = 3, flavor = "m1.large" }
floating_ips  = "control-plane"
