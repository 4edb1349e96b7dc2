"""Requests, responses and events of the service, as they appear in the OpenAPI document."""
