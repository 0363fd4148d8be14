terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {}

data "aws_caller_identity" "me" {}

output "who" {
  value = data.aws_caller_identity.me.arn
}
