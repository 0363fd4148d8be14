terraform {
  backend "gcs" {
    bucket                  = "states"
    prefix                  = "shop"
    storage_custom_endpoint = "http://127.0.0.1:1/storage/v1/"
  }
}
