"""From words a person said to canonical values; pure; may import `edge.devices` only."""
