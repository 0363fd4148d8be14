terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }

  backend "s3" {
    bucket                      = "states"
    key                         = "shop.tfstate"
    region                      = "eu-central-1"
    use_path_style              = true
    skip_credentials_validation = true
    skip_requesting_account_id  = true
    skip_s3_checksum            = true
  }
}

provider "aws" {}

data "aws_caller_identity" "me" {}

output "who" {
  value = data.aws_caller_identity.me.arn
}
