terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

# The type that HashiCorp documents, letter for letter.
variable "tfc_aws_dynamic_credentials" {
  description = "Object containing AWS dynamic credentials configuration"
  type = object({
    default = object({
      shared_config_file = string
    })
    aliases = map(object({
      shared_config_file = string
    }))
  })
}

provider "aws" {
  shared_config_files     = [var.tfc_aws_dynamic_credentials.default.shared_config_file]
  skip_metadata_api_check = true
}

provider "aws" {
  alias                   = "one"
  shared_config_files     = [var.tfc_aws_dynamic_credentials.aliases["ONE"].shared_config_file]
  skip_metadata_api_check = true
}

provider "aws" {
  alias                   = "two"
  shared_config_files     = [var.tfc_aws_dynamic_credentials.aliases["two"].shared_config_file]
  skip_metadata_api_check = true
}

# Data that depends on a change is read when the plan is applied, and not before.
resource "terraform_data" "change" {}

data "aws_caller_identity" "planned_default" {}

data "aws_caller_identity" "planned_one" {
  provider = aws.one
}

data "aws_caller_identity" "planned_two" {
  provider = aws.two
}

data "aws_caller_identity" "applied_default" {
  depends_on = [terraform_data.change]
}

data "aws_caller_identity" "applied_one" {
  provider   = aws.one
  depends_on = [terraform_data.change]
}

data "aws_caller_identity" "applied_two" {
  provider   = aws.two
  depends_on = [terraform_data.change]
}

data "aws_region" "default" {}

data "aws_region" "one" {
  provider = aws.one
}

data "aws_region" "two" {
  provider = aws.two
}

output "planned" {
  value = join(" ", [
    data.aws_caller_identity.planned_default.arn,
    data.aws_caller_identity.planned_one.arn,
    data.aws_caller_identity.planned_two.arn,
  ])
}

output "applied" {
  value = join(" ", [
    data.aws_caller_identity.applied_default.arn,
    data.aws_caller_identity.applied_one.arn,
    data.aws_caller_identity.applied_two.arn,
  ])
}

output "regions" {
  value = join(" ", [data.aws_region.default.name, data.aws_region.one.name, data.aws_region.two.name])
}
