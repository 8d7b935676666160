"""The real Kafka and Keycloak in place of the embedded log and sign-on: fetched, checked, run."""
