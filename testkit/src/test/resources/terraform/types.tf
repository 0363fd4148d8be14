# The types that HashiCorp's documents give for each input.

variable "tfc_aws_dynamic_credentials" {
  type = object({
    default = object({ shared_config_file = string })
    aliases = map(object({ shared_config_file = string }))
  })
}

variable "tfc_gcp_dynamic_credentials" {
  type = object({
    default = object({ credentials = string })
    aliases = map(object({ credentials = string }))
  })
}

variable "tfc_azure_dynamic_credentials" {
  type = object({
    default = object({ client_id_file_path = string, oidc_token_file_path = string })
    aliases = map(object({ client_id_file_path = string, oidc_token_file_path = string }))
  })
}

variable "tfc_vault_dynamic_credentials" {
  type = object({
    default = object({ token_filename = string, address = string, namespace = string, ca_cert_file = string })
    aliases = map(object({ token_filename = string, address = string, namespace = string, ca_cert_file = string }))
  })
}

variable "tfc_kubernetes_dynamic_credentials" {
  type = object({
    default = object({ token_path = string })
    aliases = map(object({ token_path = string }))
  })
}

variable "tfc_hcp_dynamic_credentials" {
  type = object({
    default = object({ credential_file = string })
    aliases = map(object({ credential_file = string }))
  })
}

variable "tfc_vault_backed_aws_dynamic_credentials" {
  type = object({
    default = object({ shared_credentials_file = string })
    aliases = map(object({ shared_credentials_file = string }))
  })
}

variable "tfc_vault_backed_gcp_dynamic_credentials" {
  type = object({
    default = object({ credentials = string, access_token = string })
    aliases = map(object({ credentials = string, access_token = string }))
  })
}

variable "tfc_vault_backed_azure_dynamic_credentials" {
  type = object({
    default = object({ client_id_file_path = string, client_secret_file_path = string })
    aliases = map(object({ client_id_file_path = string, client_secret_file_path = string }))
  })
}

variable "tfc_tencentcloud_dynamic_credentials" {
  type = object({
    default = object({ role_arn = string, web_identity_token = string })
    aliases = map(object({ role_arn = string, web_identity_token = string }))
  })
}

output "members" {
  value = jsonencode({
    aws = sort(keys(var.tfc_aws_dynamic_credentials.default))
    gcp = sort(keys(var.tfc_gcp_dynamic_credentials.default))
    azure = sort(keys(var.tfc_azure_dynamic_credentials.default))
    vault = sort(keys(var.tfc_vault_dynamic_credentials.default))
    kubernetes = sort(keys(var.tfc_kubernetes_dynamic_credentials.default))
    hcp = sort(keys(var.tfc_hcp_dynamic_credentials.default))
    vault_backed_aws = sort(keys(var.tfc_vault_backed_aws_dynamic_credentials.default))
    vault_backed_gcp = sort(keys(var.tfc_vault_backed_gcp_dynamic_credentials.default))
    vault_backed_azure = sort(keys(var.tfc_vault_backed_azure_dynamic_credentials.default))
    tencentcloud = sort(keys(var.tfc_tencentcloud_dynamic_credentials.default))
  })
}

output "aliases" {
  value = join(",", concat(
    keys(var.tfc_aws_dynamic_credentials.aliases),
    keys(var.tfc_gcp_dynamic_credentials.aliases),
    keys(var.tfc_azure_dynamic_credentials.aliases),
    keys(var.tfc_vault_dynamic_credentials.aliases),
    keys(var.tfc_kubernetes_dynamic_credentials.aliases),
    keys(var.tfc_hcp_dynamic_credentials.aliases),
    keys(var.tfc_vault_backed_aws_dynamic_credentials.aliases),
    keys(var.tfc_vault_backed_gcp_dynamic_credentials.aliases),
    keys(var.tfc_vault_backed_azure_dynamic_credentials.aliases),
    keys(var.tfc_tencentcloud_dynamic_credentials.aliases),
  ))
}
