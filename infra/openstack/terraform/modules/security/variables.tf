variable "name" {
  type = string
}

variable "admin_cidrs" {
  type = list(string)
}

variable "open_ports" {
  type = map(object({
    from  = number
    to    = number
    cidrs = list(string)
  }))
}
