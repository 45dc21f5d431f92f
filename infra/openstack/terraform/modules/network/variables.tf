variable "name" {
  type = string
}

variable "external_network" {
  type = string
}

variable "cidr" {
  type = string
}

variable "dns_servers" {
  type = list(string)
}
