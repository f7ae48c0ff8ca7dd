"""What a variant does to each transcript near it: gene models, their store, and the predictor."""
