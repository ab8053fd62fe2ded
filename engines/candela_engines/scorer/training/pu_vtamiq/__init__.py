"""Teaching PU-VTAMIQ-S: pairs of SDR pictures, the network, its losses, the training and its ablation."""
