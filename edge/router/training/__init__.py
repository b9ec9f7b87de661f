"""Training of the router's network: corpus, sampling, noise, network, export. Needs the `train` extra; never imported by the service."""
