variable "tfc_aws_dynamic_credentials" {
  type = object({
    default = object({
      shared_config_file = string
    })
    aliases = map(object({
      shared_config_file = string
    }))
  })
}

output "default_is_null" {
  value = var.tfc_aws_dynamic_credentials.default == null
}

output "file" {
  value = var.tfc_aws_dynamic_credentials.aliases["ONE"].shared_config_file
}
